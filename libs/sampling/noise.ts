// The noise of a position that draft and target share: one exponential number a token id, all independent, each a pure
// function of (position's key, id). It is made in blocks of 64 ids, top down, so that a block that cannot matter costs one
// number: the least of 64 exponentials is an exponential 64 times as fast, any of the 64 is it with equal chance, and the
// others, which never forget, exceed it by fresh exponentials.

/** Ids with the same `id >>> BLOCK_BITS` form a block. */
export const BLOCK_BITS = 6;

const BLOCK_SIZE = 1 << BLOCK_BITS;
const TWO_52 = 0x10000000000000;

// Numbers of a token, of a block's least and of its place: never the same input to the hash.
const LEAST = 0x80000000;
const PLACE = 0xc0000000;

/** The least noise in a block of ids. @param key See coupledKey. */
export function leastNoise(key: Uint32Array, block: number): number {
  return exponential(key, block | LEAST) / BLOCK_SIZE;
}

/** The noise of a token. @param least leastNoise of its block. */
export function noiseOf(key: Uint32Array, token: number, least: number): number {
  const place = hash((token >>> BLOCK_BITS) | PLACE, key[0]!, key[1]!) & (BLOCK_SIZE - 1);
  return place === (token & (BLOCK_SIZE - 1)) ? least : least + exponential(key, token);
}

/** Exponential of rate 1 from 52 uniform bits: positive and finite. */
function exponential(key: Uint32Array, index: number): number {
  const upper = hash(index, key[0]!, key[1]!);
  const lower = hash(index, key[2]!, key[3]!) >>> 12;
  return -Math.log1p(-(upper * 0x100000 + lower + 0.5) / TWO_52);
}

/**
 * 32 uniform bits: the mixing steps and constants of C. Wellons' `triple32` (public domain), a bijection whose bias is
 * the lowest known for three multiplications, with the key's second word mixed in between.
 */
function hash(index: number, k0: number, k1: number): number {
  let x = index ^ k0;
  x = Math.imul(x ^ (x >>> 17), 0xed5ad4bb);
  x = (x + k1) | 0;
  x = Math.imul(x ^ (x >>> 11), 0xac4c1b51);
  x = Math.imul(x ^ (x >>> 15), 0x31848bab);
  return (x ^ (x >>> 14)) >>> 0;
}
