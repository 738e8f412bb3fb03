// A TCP link that misbehaves on demand: what stands between two services in the fault suite.
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

export type LinkFault =
  /** Bytes arrive so much later, each chunk by up to twice that. */
  | { readonly kind: 'latency'; readonly ms: number }
  /** Bytes a second, each way. */
  | { readonly kind: 'bandwidth'; readonly bytesPerSecond: number }
  /** Connections stay up, nothing passes. */
  | { readonly kind: 'blackhole' }
  /** Answers are lost, requests pass. */
  | { readonly kind: 'half-open' }
  /** Every connection is reset now and when it is made. */
  | { readonly kind: 'reset' }
  /** Every connection passes so many bytes of answers more, then is closed. */
  | { readonly kind: 'truncate'; readonly bytes: number };

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  /** Bytes of answers that may still pass. */
  budget: number;
}

export class TcpProxy {
  readonly #pairs = new Set<Pair>();
  #fault: LinkFault | undefined;

  private constructor(
    private readonly listener: Server,
    readonly endpoint: string,
    private readonly target: { readonly host: string; readonly port: number },
    private readonly random: () => number,
  ) {}

  /** @param random For jitter. */
  static async start(targetPort: number, random: () => number = Math.random): Promise<TcpProxy> {
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as { port: number };
    const target = { host: '127.0.0.1', port: targetPort };
    const proxy = new TcpProxy(listener, `127.0.0.1:${port}`, target, random);
    listener.on('connection', (client) => proxy.#connect(client));
    return proxy;
  }

  /** Undefined: all passes again. What was swallowed stays lost, so connections of that time are reset. */
  set(fault: LinkFault | undefined): void {
    const swallowed = this.#fault?.kind === 'blackhole' || this.#fault?.kind === 'half-open';
    this.#fault = fault;
    if (swallowed || fault?.kind === 'reset') for (const pair of this.#pairs) reset(pair);
    for (const pair of this.#pairs)
      pair.budget = fault?.kind === 'truncate' ? fault.bytes : Number.POSITIVE_INFINITY;
  }

  async stop(): Promise<void> {
    for (const pair of this.#pairs) reset(pair);
    this.listener.close();
    await once(this.listener, 'close');
  }

  #connect(client: Socket): void {
    const fault = this.#fault;
    if (fault?.kind === 'reset') {
      cut(client);
      return;
    }
    const server = connect(this.target);
    const budget = fault?.kind === 'truncate' ? fault.bytes : Number.POSITIVE_INFINITY;
    const pair: Pair = { client, server, budget };
    this.#pairs.add(pair);
    this.#pump(pair, client, server, false);
    this.#pump(pair, server, client, true);
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      socket.setNoDelay(true);
      socket.on('error', () => reset(pair));
      socket.on('close', () => {
        this.#pairs.delete(pair);
        other.destroy();
      });
    }
  }

  #pump(pair: Pair, from: Socket, to: Socket, isAnswer: boolean): void {
    // In order, however long each chunk is held.
    let tail = Promise.resolve();
    from.on('data', (chunk: Buffer) => {
      from.pause();
      tail = tail.then(async () => {
        const passed = await this.#through(pair, chunk, isAnswer);
        if (passed !== undefined && !to.destroyed) to.write(passed);
        if (isAnswer && pair.budget <= 0) pair.client.end(() => reset(pair));
        from.resume();
      });
    });
    from.on('end', () => void tail.then(() => to.end()));
  }

  /** What of a chunk arrives, after as long as the link takes. */
  async #through(pair: Pair, chunk: Buffer, isAnswer: boolean): Promise<Buffer | undefined> {
    const fault = this.#fault;
    if (fault?.kind === 'latency') await pause(fault.ms * 2 * this.random());
    if (fault?.kind === 'bandwidth') await pause((1000 * chunk.length) / fault.bytesPerSecond);
    if (fault?.kind === 'blackhole' || (fault?.kind === 'half-open' && isAnswer)) return undefined;
    if (!isAnswer) return chunk;
    const passed = chunk.subarray(0, Math.max(0, pair.budget));
    pair.budget -= chunk.length;
    return passed;
  }
}

function reset({ client, server }: Pair): void {
  cut(client);
  cut(server);
}

/** Node 20 never closes a handle that is reset while its shutdown is under way, and its process then never ends. */
function cut(socket: Socket): void {
  if (socket.writableEnded || socket.connecting) socket.destroy();
  else if (!socket.destroyed) socket.resetAndDestroy();
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
