// What a bare relay reads: messages as long as a round's, as slowly as rounds come.
import { createServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';

const MESSAGE = Buffer.alloc(70);

export interface BareSource {
  readonly port: number;
  close(): void;
}

/** @param rounds Messages of each stream, after which it ends. */
export async function bareSource(roundMs: number, rounds: number): Promise<BareSource> {
  const server = createServer();
  server.on('stream', (stream) => send(stream, roundMs, rounds));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

function send(stream: ServerHttp2Stream, roundMs: number, rounds: number): void {
  let left = rounds;
  stream.respond({ ':status': 200 });
  const timer = setInterval(() => {
    stream.write(MESSAGE);
    if (--left > 0) return;
    clearInterval(timer);
    stream.end();
  }, roundMs);
  stream.on('error', () => {}).once('close', () => clearInterval(timer));
}
