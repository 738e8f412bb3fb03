// One measurement: a load, one way of decoding, a window of time. What was under way before the window counts from its
// beginning on, and what is unfinished at its end is cut off, so that the window sees the steady state.
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestStack } from '../../test/support/test-stack.js';
import { until } from '../../test/support/until.js';
import { sum } from '../statistics.js';
import { difference, type GatewayCounters, gatewayCounters, metricSums } from './gateway-counters.js';
import { type Latencies, latenciesOf } from './latencies.js';
import { machineBusyMs, processUsage } from './process-usage.js';
import { type RoundMeans, roundMeans } from './round-means.js';
import { type Load, type Observed, type TrafficOptions, traffic } from './traffic.js';

export interface CellPlan {
  readonly load: Load;
  readonly mode: Mode;
  readonly repeat: number;
  /** Milliseconds of load before the window at most (it begins when every session has had an answer), and of the window. */
  readonly warmUpMs: number;
  readonly windowMs: number;
}

export type Mode = 'plain' | 'speculative';

export const SPECULATION: Readonly<Record<Mode, object>> = {
  plain: { enabled: false },
  speculative: { enabled: true },
};

/** Part of the warm-up in which sessions begin, and that it lasts at least: controllers learn the new load meanwhile. */
const START_SHARE = 0.3;
const LEAST_WARM_UP = 0.7;
const LOOK_MS = 50;

export interface LoadCell {
  readonly load: Load;
  readonly mode: Mode;
  readonly repeat: number;
  readonly windowMs: number;
  /** Milliseconds of load before the window, and how many sessions had had an answer then. */
  readonly warmUp?: { readonly ms: number; readonly answered: number };
  /** Tokens of prompts that the verifier was asked about, and found in its caches. */
  readonly prefix?: { readonly asked: number; readonly found: number };
  readonly counters: GatewayCounters;
  readonly requests: Readonly<
    Record<'started' | 'finished' | 'finishedTokens' | 'refused' | 'failed', number>
  >;
  /** Why requests failed, each reason once. */
  readonly failures: readonly string[];
  readonly latencies: Latencies;
  /** Of the rounds of requests that finished in the window; undefined if none did. */
  readonly round: RoundMeans | undefined;
  /** Processor time in the window. */
  readonly cpuMs: Readonly<Record<'gateway' | 'verifier' | 'draft' | 'clients', number>>;
  /** What all else on the machine used meanwhile: much of it, and the cell tells of a machine that others use. */
  readonly othersMs?: number;
}

export async function measureCell(
  stack: TestStack,
  plan: CellPlan,
  options: Omit<TrafficOptions, 'target'> & { readonly model: string },
): Promise<LoadCell> {
  const { load, mode, repeat, warmUpMs, windowMs } = plan;
  const target = { url: stack.url, model: options.model, speculation: SPECULATION[mode] };
  const stop = new AbortController();
  const startMs = START_SHARE * warmUpMs;
  const { observed, done } = traffic(load, { ...options, target, startMs }, stop.signal);
  const warmUp = await warmedUp(load, observed, warmUpMs);
  const before = await reading(stack);
  await sleep(windowMs);
  const after = await reading(stack);
  stop.abort();
  await done;
  await until('the gateway is idle', async () => (await gatewayCounters(stack.url)).running === 0, 120_000);
  const window = { fromMs: before.atMs, toMs: after.atMs };
  const within = (atMs: number | undefined) =>
    atMs !== undefined && atMs >= window.fromMs && atMs <= window.toMs;
  const used = (name: keyof typeof before.cpuMs) => after.cpuMs[name] - before.cpuMs[name];
  const cpuMs = {
    gateway: used('gateway'),
    verifier: used('verifier'),
    draft: used('draft'),
    clients: used('clients'),
  };
  const ended = observed.filter(({ endMs }) => within(endMs));
  const finished = ended.flatMap(({ end }) => (end?.kind === 'finished' ? [end] : []));
  return {
    load,
    mode,
    repeat,
    windowMs: after.atMs - before.atMs,
    warmUp,
    prefix: {
      asked: after.prefix.asked - before.prefix.asked,
      found: after.prefix.found - before.prefix.found,
    },
    counters: difference(after.counters, before.counters),
    requests: {
      started: observed.filter(({ startMs }) => within(startMs)).length,
      finished: finished.length,
      finishedTokens: sum(finished.map(({ tokens }) => tokens)),
      refused: count(ended, 'refused'),
      failed: count(ended, 'failed'),
    },
    failures: [...new Set(ended.flatMap(({ end }) => (end?.kind === 'failed' ? [end.reason] : [])))],
    latencies: latenciesOf(observed, window),
    round: roundMeans(finished.map(({ sums }) => sums)),
    cpuMs,
    othersMs: after.busyMs - before.busyMs - sum(Object.values(cpuMs)),
  };
}

/** Waits until every session has had an answer; no longer than `mostMs`, and all of it where no sessions are counted. */
async function warmedUp(load: Load, observed: readonly Observed[], mostMs: number) {
  const fromMs = performance.now();
  const answered = () =>
    new Set(observed.filter(({ end }) => end !== undefined).map(({ sessionId }) => sessionId)).size;
  const wanted = 'sessions' in load ? load.sessions : Number.POSITIVE_INFINITY;
  const leastMs = LEAST_WARM_UP * mostMs;
  for (;;) {
    const ms = performance.now() - fromMs;
    if (ms >= mostMs || (ms >= leastMs && answered() >= wanted)) return { ms, answered: answered() };
    await sleep(LOOK_MS);
  }
}

async function reading(stack: TestStack) {
  const counters = await gatewayCounters(stack.url);
  const [asked, found] = ['prefix_cache_queries_total', 'prefix_cache_hits_total'] as const;
  const sums = await metricSums(stack.probes.verifier, [asked, found]);
  const prefix = { asked: sums.get(asked)!, found: sums.get(found)! };
  // A draft in the verifier's thread has no process.
  const cpuOf = (pid: number | undefined) => (pid === undefined ? 0 : processUsage(pid).cpuMs);
  const cpuMs = {
    gateway: cpuOf(stack.pid('gateway')),
    verifier: cpuOf(stack.pid('verifier')),
    draft: cpuOf(stack.pid('draft')),
    clients: cpuOf(process.pid),
  };
  return { counters, cpuMs, busyMs: machineBusyMs(), prefix, atMs: performance.now() };
}

function count(observed: readonly Observed[], kind: 'refused' | 'failed'): number {
  return observed.filter(({ end }) => end?.kind === kind).length;
}
