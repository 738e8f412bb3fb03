// The settings of a length controller as vectors of bits, for the estimator that searches skip sets too: which controller,
// how long, and its threshold and goal. Numbers are in Gray code, so that a neighbour is one bit away.

import { suggest } from './tpe.js';
import type { TunedGamma } from './tuned-gamma.js';

const BITS = { controller: 3, length: 4, threshold: 5, goal: 2 };
/** Of the longest drafts that are looked for. */
export const LONGEST_DRAFT = 2 ** BITS.length;
const NUM_BITS = Object.values(BITS).reduce((a, b) => a + b, 0);
/** Eight codes for five controllers: those with more to choose are met more often. */
const CONTROLLERS = [
  'constant',
  'goodput',
  'heuristic',
  'confidence',
  'draft_exit',
  'draft_exit',
  'confidence',
  'confidence',
] as const;
const GOALS = [0.6, 0.75, 0.9, 0.97];
const THRESHOLD_LEVELS = 2 ** BITS.threshold;
const ATTEMPTS = 32;

interface ValuedSetting {
  readonly setting: TunedGamma;
  readonly value: number;
}

/**
 * A setting to try next that was not tried; undefined if chance finds none.
 * @param startupTrials Trials before those that there are say anything.
 */
export function suggestGamma(
  trials: readonly ValuedSetting[],
  startupTrials: number,
  random: () => number,
): TunedGamma | undefined {
  const tried = trials.map(({ setting, value }) => ({ bits: bitsOf(setting), value }));
  const known = new Set(trials.map(({ setting }) => gammaKey(setting)));
  const excluded: Uint8Array[] = [];
  for (let attempt = 0; attempt < 2 * ATTEMPTS; attempt++) {
    const isLost = attempt >= ATTEMPTS;
    const bits = isLost ? anyBits(random) : suggest(NUM_BITS, tried, { random, startupTrials, excluded });
    const setting = settingOf(bits);
    if (!known.has(gammaKey(setting))) return setting;
    // Other bits of a setting that was tried: what its controller doesn't ask for may be anything.
    excluded.push(bits);
  }
  return undefined;
}

/** Where the estimator finds nothing new any more. */
function anyBits(random: () => number): Uint8Array {
  return Uint8Array.from({ length: NUM_BITS }, () => (random() < 0.5 ? 1 : 0));
}

/** The same for the same setting. */
export function gammaKey({ controller, maxTokens, threshold, goal }: TunedGamma): string {
  return [controller, maxTokens, threshold, goal].join();
}

export function settingOf(bits: Uint8Array): TunedGamma {
  let at = 0;
  const next = (count: number) => {
    const number = ungray(bits.subarray(at, at + count));
    at += count;
    return number;
  };
  const controller = CONTROLLERS[next(BITS.controller)]!;
  const maxTokens = next(BITS.length) + 1;
  const threshold = thresholdOf(next(BITS.threshold));
  const goal = GOALS[next(BITS.goal)]!;
  if (controller === 'confidence') return { controller, maxTokens, threshold };
  return controller === 'draft_exit' ? { controller, maxTokens, threshold, goal } : { controller, maxTokens };
}

/** The nearest vector; bits that the controller doesn't ask for are 0. */
export function bitsOf({ controller, maxTokens, threshold, goal }: TunedGamma): Uint8Array {
  const level = threshold === undefined ? 0 : Math.round(threshold * (THRESHOLD_LEVELS + 1)) - 1;
  const nearest = GOALS.reduce((a, b) => (Math.abs(b - (goal ?? 0)) < Math.abs(a - (goal ?? 0)) ? b : a));
  return Uint8Array.from([
    ...gray(CONTROLLERS.indexOf(controller), BITS.controller),
    ...gray(Math.min(LONGEST_DRAFT, maxTokens) - 1, BITS.length),
    ...gray(Math.min(THRESHOLD_LEVELS - 1, Math.max(0, level)), BITS.threshold),
    ...gray(goal === undefined ? 0 : GOALS.indexOf(nearest), BITS.goal),
  ]);
}

/** Strictly between 0 and 1, to three digits. */
function thresholdOf(level: number): number {
  return Math.round((1000 * (level + 1)) / (THRESHOLD_LEVELS + 1)) / 1000;
}

function gray(number: number, count: number): number[] {
  const code = number ^ (number >> 1);
  return Array.from({ length: count }, (_, i) => (code >> (count - 1 - i)) & 1);
}

function ungray(bits: Uint8Array): number {
  let bit = 0;
  let number = 0;
  for (const each of bits) {
    bit ^= each;
    number = 2 * number + bit;
  }
  return number;
}
