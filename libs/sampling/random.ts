// Keyed randomness: every draw is a pure function of (seed, round start, position, purpose), so there is no generator
// state to carry, and a retried round draws the same numbers. The purpose keeps drafting, accepting and resampling
// independent. The round start keeps a redrafted position independent of the draft thrown away before it: how long
// that draft was may already have decided gamma or met a deadline, so meeting its draws again would be biased.
import { philox4x32 } from './philox.js';

export const Purpose = { DRAFT: 0, ACCEPT: 1, RESAMPLE: 2 } as const;
export type Purpose = (typeof Purpose)[keyof typeof Purpose];

/** Besides the purposes of a round: the noise that draft and target share. */
const COUPLED = 3;

/** The draws of one round: uniform in [0, 1) with 53 bits. Position and purpose name the draw. */
export type RoundRandom = (position: number, purpose: Purpose) => number;

/**
 * The draws of the round that starts with `roundStart` committed tokens (prompt included), which is also the position
 * of the first token that the round may commit. Seed is read modulo 2^64, positions must lie below 2^32.
 */
export function keyedRandom(seed: bigint, roundStart: number): RoundRandom {
  const keyLow = Number(BigInt.asUintN(32, seed));
  const keyHigh = Number(BigInt.asUintN(32, seed >> 32n));
  const words = new Uint32Array(4);
  return (position, purpose) => {
    words[0] = position;
    words[1] = roundStart;
    words[2] = purpose;
    words[3] = 0;
    philox4x32(words, keyLow, keyHigh);
    return ((words[0]! >>> 5) * 0x4000000 + (words[1]! >>> 6)) / 0x20000000000000;
  };
}

/** One draw; `keyedRandom` is cheaper for many of the same round. */
export function uniform(seed: bigint, roundStart: number, position: number, purpose: Purpose): number {
  return keyedRandom(seed, roundStart)(position, purpose);
}

/**
 * Four uniform words: the key of the noise that draft and target share at a position. It knows no round, so that a
 * position meets the same noise in whatever round it is reached.
 */
export function coupledKey(seed: bigint, position: number): Uint32Array {
  const words = Uint32Array.of(position, 0, COUPLED, 0);
  philox4x32(words, Number(BigInt.asUintN(32, seed)), Number(BigInt.asUintN(32, seed >> 32n)));
  return words;
}
