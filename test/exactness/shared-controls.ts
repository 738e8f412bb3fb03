// Plausible mistakes with keys, drafts and the round loop, tried in every mode that knows them.
import {
  keyedRandom as keyedByRound,
  Purpose,
  type VerificationRule,
  verifyProposal,
} from '#libs/sampling/index.js';
import { ConstantGamma } from '#libs/speculative/index.js';
import * as cast from './cast.js';
import type { Control } from './control.js';
import * as lying from './lying-drafts.js';

const STOP_TOKENS = new Set([2]);

/** Draws for one purpose by the key of another. */
function sharedKey(purpose: Purpose, other: Purpose): VerificationRule {
  return (input) => {
    const random: typeof input.random = (position, asked) =>
      input.random(position, asked === purpose ? other : asked);
    return verifyProposal({ ...input, random });
  };
}

/** Judges honestly, then writes into the target's own row as a residual in place would. */
const changesP: VerificationRule = (input) => {
  const verdict = verifyProposal(input);
  const drafted = input.proposal.tokens[verdict.acceptedCount];
  if (drafted !== undefined) input.row(verdict.acceptedCount).weights[drafted]! *= 0.5;
  return verdict;
};

/** Ends the accepted run before a stop token and lets the final token take its place. */
const overwritesStop: VerificationRule = (input) => {
  const verdict = verifyProposal(input);
  const stop = input.proposal.tokens
    .subarray(0, verdict.acceptedCount)
    .findIndex((token) => STOP_TOKENS.has(token));
  return stop < 0 ? verdict : { ...verdict, acceptedCount: stop };
};

/** In the loop's own matters: for all three modes. */
export const LOOP_CONTROLS: Record<string, Control> = {
  'a stop token overwritten by the final token': { stopTokenIds: STOP_TOKENS, rule: overwritesStop },
  'tokens after an accepted stop token': { stopTokenIds: STOP_TOKENS, loopStopTokenIds: new Set() },
  'a change of p in place': { rule: changesP },
};

/** What q is for and what coins are for: for the modes that have them. */
export const COIN_CONTROLS: Record<string, Control> = {
  ...LOOP_CONTROLS,
  'one key for DRAFT and ACCEPT': { rule: sharedKey(Purpose.ACCEPT, Purpose.DRAFT) },
  'one key for ACCEPT and RESAMPLE': { rule: sharedKey(Purpose.RESAMPLE, Purpose.ACCEPT) },
  'one key for DRAFT and RESAMPLE': { rule: sharedKey(Purpose.RESAMPLE, Purpose.DRAFT) },
  'dropping a doubtful token that was drawn': {
    proposer: lying.dropsDoubtful,
    gamma: () => new ConstantGamma(5, 0.45),
  },
  'a deterministic draft declared as sampled': { proposer: lying.declaresArgmaxAsSampled },
  'drawing from the full q, sending its top 2': { proposer: lying.sendsTruncated, numSequences: 40_000 },
  'a change of q in place, after the draw': { proposer: lying.changesDrawnRow },
  'keys that a redrafted position meets again': {
    keyed: (seed) => keyedByRound(seed, 0),
    gamma: () => new cast.CuriousGamma(),
  },
};
