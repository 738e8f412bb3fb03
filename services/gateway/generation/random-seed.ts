// The seed of a request that brought none.
import { randomBytes } from 'node:crypto';

/** 64 uniform bits. */
export function randomSeed(): bigint {
  return randomBytes(8).readBigUInt64LE();
}
