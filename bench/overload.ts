// Question: what becomes of five times the load that a stack can serve? Capacity first, in a closed loop with as many sessions
// as there are places; then arrivals five times as fast, from users who don't wait for each other.
import { setTimeout as sleep } from 'node:timers/promises';
import { openModelFolder } from '#libs/models/index.js';
import type { StackRole } from '../cli/stack.js';
import { realModels } from '../test/support/models.js';
import { startTestStack, type TestStack } from '../test/support/test-stack.js';
import { type LoadCell, measureCell } from './load/cell.js';
import { processUsage } from './load/process-usage.js';
import type { Load } from './load/traffic.js';
import { type Machine, thisMachine } from './machine.js';

export interface OverloadOptions {
  /** Of each of the two windows. */
  readonly minutes: number;
  /** Choices generated at once; as many may wait. */
  readonly places: number;
  readonly maxTokens: number;
}

/** Largest resident memory of each process while a cell ran, in bytes. */
export type Peaks = Readonly<Record<StackRole, number>>;

export interface OverloadResult {
  readonly kind: 'overload';
  readonly machine: Machine;
  readonly places: number;
  readonly maxTokens: number;
  /** Requests a second that the closed loop finished, and how many times as many came in the open one. */
  readonly capacity: number;
  readonly factor: number;
  readonly calm: LoadCell;
  readonly overload: LoadCell;
  readonly peaks: Readonly<Record<'calm' | 'overload', Peaks>>;
  readonly restarts: readonly string[];
}

const FACTOR = 5;
const WARM_UP_SHARE = 0.25;
const SEED = 17;
const SAMPLE_MS = 500;
const ROLES: readonly StackRole[] = ['gateway', 'verifier', 'draft'];

export async function measureOverload(options: OverloadOptions): Promise<OverloadResult> {
  const { places, maxTokens } = options;
  const { manifest } = await openModelFolder((await realModels()).targetFolder);
  const stack = await startTestStack({
    OUTRIDER_MAX_REQUESTS: String(places),
    OUTRIDER_MAX_QUEUE: String(places),
  });
  try {
    const measure = (name: string, load: Load) => cellOf(stack, options, manifest.name, name, load);
    const calm = await measure('calm', { sessions: places });
    const capacity = (1000 * calm.cell.requests.finished) / calm.cell.windowMs;
    if (!(capacity > 0))
      throw new Error('No request finished in the closed loop; give the bench more --minutes.');
    const overload = await measure('overload', { requestsPerSecond: FACTOR * capacity });
    return {
      kind: 'overload',
      machine: thisMachine(),
      places,
      maxTokens,
      capacity,
      factor: FACTOR,
      calm: calm.cell,
      overload: overload.cell,
      peaks: { calm: calm.peaks, overload: overload.peaks },
      restarts: stack.restarts,
    };
  } finally {
    await stack.stop();
  }
}

async function cellOf(
  stack: TestStack,
  { minutes, maxTokens }: OverloadOptions,
  model: string,
  name: string,
  load: Load,
): Promise<{ readonly cell: LoadCell; readonly peaks: Peaks }> {
  const windowMs = 60_000 * minutes;
  const plan = {
    load,
    mode: 'speculative',
    repeat: 0,
    warmUpMs: WARM_UP_SHARE * windowMs,
    windowMs,
  } as const;
  const over = new AbortController();
  const watching = peaksUntil(stack, over.signal);
  try {
    const cell = await measureCell(stack, plan, { model, maxTokens, seed: SEED, name: `overload-${name}` });
    process.stderr.write(`${name}: ${JSON.stringify({ ...cell.requests, ...cell.latencies.tokenMs })}\n`);
    over.abort();
    return { cell, peaks: await watching };
  } finally {
    over.abort();
  }
}

async function peaksUntil(stack: TestStack, over: AbortSignal): Promise<Peaks> {
  const peaks: Record<StackRole, number> = { gateway: 0, verifier: 0, draft: 0 };
  while (!over.aborted) {
    for (const role of ROLES) {
      const pid = stack.pid(role);
      if (pid !== undefined) peaks[role] = Math.max(peaks[role], processUsage(pid).rssBytes);
    }
    await sleep(SAMPLE_MS, undefined, { signal: over }).catch(() => {});
  }
  return peaks;
}
