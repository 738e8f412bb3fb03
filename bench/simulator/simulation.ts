// N gateways, M verifiers, K drafts and their clients, for a while: what they serve.
import { Clock } from './clock.js';
import type { Curves } from './curves.js';
import { Places, type SystemOptions } from './places.js';
import { SimulatedSession } from './session.js';
import type { SimulatedRequest } from './simulated-request.js';

export interface SimulatedRun {
  readonly tokensPerSecond: number;
  readonly tokensPerRound: number;
  /** Mean of the requests finished; NaN if none was. */
  readonly tokenMs: number;
  readonly batchSize: number;
  readonly rounds: number;
  /** Drafts a round, and of their tokens the share that was accepted. */
  readonly draftedShare: number;
  readonly acceptance: number;
}

export interface RunOptions {
  readonly warmUpMs: number;
  readonly windowMs: number;
  /** Time within which sessions begin, one after the other. Default all at once. */
  readonly startMs?: number;
}

const NOTHING_YET = { tokens: 0, pieces: 0, tokenMs: 0, finished: 0, drafts: 0, drafted: 0, accepted: 0 };

/** @param requestsOf What a session asks, one request after the other; of session i at verifier v. */
export async function simulate(
  system: SystemOptions,
  curves: Curves,
  requestsOf: (session: number, verifier: number) => Iterator<SimulatedRequest, never>,
  { warmUpMs, windowMs, startMs = 0 }: RunOptions,
): Promise<SimulatedRun> {
  const clock = new Clock();
  const places = new Places(clock, curves, system);
  let counts = { ...NOTHING_YET };
  const observer = {
    tokens: (tokens: number) => {
      counts.tokens += tokens;
      counts.pieces++;
    },
    round: (drafted: number, accepted: number) => {
      if (drafted > 0) counts.drafts++;
      counts.drafted += drafted;
      counts.accepted += accepted;
    },
    finished: (tokenMs: number) => {
      if (Number.isNaN(tokenMs)) return;
      counts.tokenMs += tokenMs;
      counts.finished++;
    },
  };
  const sessions = Array.from({ length: system.sessions }, (_, i) => {
    const requests = requestsOf(i, i % system.verifiers);
    return new SimulatedSession(clock, curves, places.of(i), requests, observer);
  });
  for (const [i, session] of sessions.entries())
    clock.after((i * startMs) / system.sessions, () => void session.run());
  await clock.runUntil(warmUpMs);
  counts = { ...NOTHING_YET };
  const before = places.forwards();
  await clock.runUntil(warmUpMs + windowMs);
  const after = places.forwards();
  for (const session of sessions) session.stop();
  return {
    tokensPerSecond: (1000 * counts.tokens) / windowMs,
    tokensPerRound: counts.tokens / counts.pieces,
    tokenMs: counts.tokenMs / counts.finished,
    batchSize: (after.slots - before.slots) / (after.forwards - before.forwards),
    rounds: counts.pieces,
    draftedShare: counts.drafts / counts.pieces,
    acceptance: counts.accepted / counts.drafted,
  };
}
