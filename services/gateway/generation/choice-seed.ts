// Seeds of a request's choices. The first choice has the request's own seed, so that n = 1 gives the first of n = 4; the
// others get theirs from the finaliser of SplitMix64 (Steele, Lea and Flood 2014, doi:10.1145/2714064.2660195).

const GOLDEN = 0x9e37_79b9_7f4a_7c15n;

/** A function of (seed, index) alone: a seeded request repeats with all its choices. */
export function choiceSeed(seed: bigint, index: number): bigint {
  return index === 0 ? seed : mixed(BigInt.asUintN(64, mixed(seed) + BigInt(index) * GOLDEN));
}

function mixed(value: bigint): bigint {
  const once = BigInt.asUintN(64, (value ^ (value >> 30n)) * 0xbf58_476d_1ce4_e5b9n);
  const twice = BigInt.asUintN(64, (once ^ (once >> 27n)) * 0x94d0_49bb_1331_11ebn);
  return twice ^ (twice >> 31n);
}
