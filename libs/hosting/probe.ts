// A worker's HTTP side, for those who watch it: Prometheus and whoever wants to know whether it lives or is ready. It
// answers three paths, takes no bodies and knows no secrets.
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AppError } from '#libs/errors/index.js';

export interface ProbeOptions {
  readonly host: string;
  /** 0: any that is free; undefined: there is no probe. */
  readonly port: number | undefined;
  readonly isReady: () => boolean;
  /** Prometheus text. */
  readonly metrics: () => Promise<string>;
}

export interface Probe {
  readonly port: number;
  close(): Promise<void>;
}

/** A watcher sends a line and some headers; whoever takes longer wants something else. */
const TIMEOUT_MS = 10_000;

/**
 * Listens from the start, while the model still loads; never keeps the process alive.
 * @throws AppError failed_precondition if the port can't be listened on.
 */
export async function startProbe({ host, port, isReady, metrics }: ProbeOptions): Promise<Probe | undefined> {
  if (port === undefined) return undefined;
  const answers = new Map<string | undefined, (response: ServerResponse) => void>([
    ['/health', (response) => say(response, 200, 'ok\n')],
    ['/ready', (response) => (isReady() ? say(response, 200, 'ready\n') : say(response, 503, 'not ready\n'))],
    [
      '/metrics',
      (response) =>
        void metrics().then(
          (text) => say(response, 200, text, 'text/plain; version=0.0.4; charset=utf-8'),
          () => say(response, 500, 'The metrics could not be collected.\n'),
        ),
    ],
  ]);
  const limits = { requestTimeout: TIMEOUT_MS, headersTimeout: TIMEOUT_MS };
  const server = createServer(limits, (request, response) => {
    const answer = answers.get(request.url?.split('?')[0]);
    const known = [...answers.keys()].join(', ');
    // A body is never read.
    if (request.method !== 'GET' && request.method !== 'HEAD')
      say(response, 405, 'Only GET is known here.\n');
    else if (answer === undefined) say(response, 404, `There are ${known}.\n`);
    else answer(response);
  });
  server.listen(port, host).unref();
  try {
    await once(server, 'listening');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('failed_precondition', `The metrics port ${port} can't be listened on: ${reason}`, {
      cause,
    });
  }
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function say(
  response: ServerResponse,
  status: number,
  text: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) }).end(text);
}
