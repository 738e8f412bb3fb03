// Clients that keep a stack busy until they are told to stop: in a closed loop (so many sessions, each asks again when it
// has its answer) or an open one (requests come when they come, as from many users who don't know of each other).
import { setMaxListeners } from 'node:events';
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ChatEnd, type ClientTarget, chat } from './light-client.js';
import { MIX, mixedRequests, poissonGaps } from './prompt-mix.js';

/** One request as its client saw it; times are milliseconds of this process's clock. */
export interface Observed {
  readonly sessionId: string;
  readonly startMs: number;
  readonly pieceMs: number[];
  /** Undefined while it runs, and if it was cut off. */
  end?: ChatEnd;
  endMs?: number;
}

export interface TrafficOptions {
  readonly target: Omit<ClientTarget, 'agent' | 'cacheSalt'>;
  readonly maxTokens: number;
  readonly seed: number;
  /** Sessions are named after it, and share a cache among themselves only: what others have asked must not help. */
  readonly name: string;
  /** Time within which sessions of a closed loop begin, one after the other. Default all at once. */
  readonly startMs?: number;
}

const AFTER_FAILURE_MS = 1000;

export type Load = { readonly sessions: number } | { readonly requestsPerSecond: number };

/** Resolves when all clients have stopped. What they saw is in `observed`, from the first moment on. */
export function traffic(load: Load, options: TrafficOptions, stop: AbortSignal) {
  const observed: Observed[] = [];
  // Every request under way listens.
  setMaxListeners(0, stop);
  const agent = new Agent({ keepAlive: true });
  const clients = new Clients({ ...options.target, agent, cacheSalt: options.name }, observed, stop);
  const loop =
    'sessions' in load ? closedLoop(load.sessions, options, clients) : openLoop(load, options, clients);
  const done = loop.finally(() => agent.destroy());
  return { observed, done };
}

class Clients {
  constructor(
    private readonly target: ClientTarget,
    private readonly observed: Observed[],
    readonly stop: AbortSignal,
  ) {}

  async ask(request: Parameters<typeof chat>[1], sessionId: string): Promise<ChatEnd> {
    const own: Observed = { sessionId, startMs: performance.now(), pieceMs: [] };
    this.observed.push(own);
    const onPiece = (atMs: number) => void own.pieceMs.push(atMs);
    const end = await chat(this.target, request, sessionId, onPiece, this.stop);
    if (this.stop.aborted) return end;
    own.end = end;
    own.endMs = performance.now();
    return end;
  }

  /** Ends early when the clients stop. */
  async pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.stop }).catch(() => {});
  }
}

export function sessionSeed(trafficSeed: number, session: number): number {
  return 1000 * trafficSeed + session;
}

async function closedLoop(sessions: number, options: TrafficOptions, clients: Clients): Promise<void> {
  const { startMs = 0 } = options;
  const one = async (index: number): Promise<void> => {
    if (startMs > 0) await clients.pause((index * startMs) / sessions);
    if (clients.stop.aborted) return;
    for (const request of mixedRequests(sessionSeed(options.seed, index), options.maxTokens, MIX)) {
      const end = await clients.ask(request, `${options.name}-${index}`);
      if (clients.stop.aborted) return;
      if (end.kind === 'refused') await clients.pause(end.retryAfterMs);
      if (end.kind === 'failed') await clients.pause(AFTER_FAILURE_MS);
    }
  };
  await Promise.all(Array.from({ length: sessions }, (_, index) => one(index)));
}

async function openLoop(
  { requestsPerSecond }: { readonly requestsPerSecond: number },
  options: TrafficOptions,
  clients: Clients,
): Promise<void> {
  const requests = mixedRequests(options.seed, options.maxTokens, MIX);
  const gaps = poissonGaps(options.seed, requestsPerSecond);
  const running: Promise<unknown>[] = [];
  let dueMs = performance.now();
  for (let index = 0; ; index++) {
    dueMs += gaps.next().value;
    // Late timers must not thin the traffic out.
    await clients.pause(Math.max(0, dueMs - performance.now()));
    if (clients.stop.aborted) break;
    running.push(clients.ask(requests.next().value, `${options.name}-${index}`));
  }
  await Promise.all(running);
}
