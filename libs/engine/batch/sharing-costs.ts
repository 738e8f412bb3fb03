// From how many sessions on a shared forward is quicker than one forward each. A model of hundreds of megabytes gains with
// two already, since a forward reads all weights; one of twenty does not, since they stay in the processor's cache, and the
// graph of several slots has costs of its own. Measured when the model is opened, since it depends on the machine.
import type { Model } from '../model.js';
import type { BatchGraph } from './batch-graph.js';

/** Milliseconds of processor time of forwards of one token a session. */
export interface SharingCosts {
  readonly alone: number;
  readonly two: number;
  /** In all slots. */
  readonly full: number;
}

/** A gain below this is not worth what the first of those who share waits for the last. */
const LEAST_GAIN = 0.1;
/** Cached tokens of those who are tried: what a short chat has. */
const CACHED = 200;
const TRIALS = 8;
const FEWEST_TRIALS = 2;
/** In a row: the first finds the weights of another graph in the processor's cache. */
const REPEATS = 2;
const MOST_MS = 300;

/** Infinity if it never is. */
export function fewestWorthSharing({ alone, two, full }: SharingCosts, numSlots: number): number {
  const perJob = numSlots > 2 ? (full - two) / (numSlots - 2) : 0;
  for (let jobs = 2; jobs <= numSlots; jobs++)
    if (two + (jobs - 2) * perJob <= (1 - LEAST_GAIN) * jobs * alone) return jobs;
  return Number.POSITIVE_INFINITY;
}

/**
 * The least of several trials each, in turn. Processor time, since a longer forward is interrupted more often on a machine
 * that others use, as at a start.
 */
export async function measureSharing(
  graph: Pick<BatchGraph, 'forward' | 'numSlots'>,
  model: Pick<Model, 'advance' | 'newCache' | 'contextLength'>,
): Promise<SharingCosts> {
  const cached = Math.min(CACHED, Math.floor(model.contextLength / 2));
  const caches = Array.from({ length: graph.numSlots }, () => model.newCache());
  const timed = async (numJobs: number, least: number): Promise<number> => {
    const used = caches.slice(0, numJobs);
    for (let i = 0; i < REPEATS; i++) {
      for (const cache of used) cache.length = cached;
      const start = process.cpuUsage();
      if (numJobs === 1) await model.advance(used[0]!, [0], 1);
      else await graph.forward(used.map((cache) => ({ cache, tokens: [0], rows: 1 })));
      const { user, system } = process.cpuUsage(start);
      least = Math.min(least, (user + system) / 1000);
    }
    return least;
  };
  const startMs = performance.now();
  let [alone, two, full] = [Infinity, Infinity, Infinity];
  for (let i = 0; i < TRIALS && (i < FEWEST_TRIALS || performance.now() - startMs < MOST_MS); i++) {
    alone = await timed(1, alone);
    two = await timed(2, two);
    full = await timed(graph.numSlots, full);
  }
  return { alone, two, full };
}
