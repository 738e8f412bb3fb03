// What a request gets that leaves its randomness to us.
import type { SamplingParams, VerificationMode } from '#libs/sampling/index.js';
import { randomSeed } from './random-seed.js';

/** The rule that is fastest on the bench: without a seed nobody can tell the rules apart by their output. */
const UNSEEDED_VERIFICATION: VerificationMode = 'ratio';

/**
 * A seed for a request without one, and the rule if it names none: a client that sends a seed wants the same text again,
 * whatever happens to the draft meanwhile.
 */
export function seedAndVerification({
  seed,
  verification,
}: Partial<Pick<SamplingParams, 'seed' | 'verification'>>): Required<
  Pick<SamplingParams, 'seed' | 'verification'>
> {
  return {
    seed: seed ?? randomSeed(),
    verification: verification ?? (seed === undefined ? UNSEEDED_VERIFICATION : 'coupled'),
  };
}
