// Plausible mistakes in the coupled rule. Noise that knows the round follows the law too: what it breaks is the promise
// that the seed alone decides, see reproducible.spec.ts.
import { Purpose, sampleFrom, type VerificationRule, verifyProposal } from '#libs/sampling/index.js';
import type { Control } from './control.js';
import { toyProposer } from './toy-ports.js';

export const COUPLED_CONTROLS: Record<string, Control> = {
  "emitting the draft's choice": { rule: trustsDraft() },
  "a correction drawn afresh instead of the target's choice": { rule: redraws() },
  'noise keyed by the place in the round alone': {
    rule: (input) => verifyProposal({ ...input, firstPosition: 0 }),
  },
  'noise shared by neighbouring positions': { rule: sharesNoise() },
  'noise keyed by the round as well': { rule: keysByRound, isExact: true },
  'a draft of other noise': {
    proposer: (model, sampling) => {
      const honest = toyProposer(model, sampling);
      return {
        propose: (sequence, plan, signal) =>
          honest.propose({ ...sequence, sampling: { ...sequence.sampling, seed: 5n } }, plan, signal),
      };
    },
    isExact: true,
  },
};

/** The coupled rule with the noise of each round its own. */
export function keysByRound(input: Parameters<VerificationRule>[0]): ReturnType<VerificationRule> {
  const seed = input.sampling.seed + (BigInt(input.firstPosition) << 32n);
  return verifyProposal({ ...input, sampling: { ...input.sampling, seed } });
}

/** Accepts every drafted token that the target gives a probability. */
export function trustsDraft(): VerificationRule {
  return (input) => {
    const { tokens } = input.proposal;
    const last = { ...input, firstPosition: input.firstPosition + tokens.length };
    const empty = { ...input.proposal, tokens: new Uint32Array(0) };
    const { finalToken } = verifyProposal({ ...last, proposal: empty, row: () => input.row(tokens.length) });
    return { acceptedCount: tokens.length, finalToken };
  };
}

function redraws(): VerificationRule {
  return (input) => {
    const verdict = verifyProposal(input);
    const { acceptedCount } = verdict;
    if (acceptedCount === input.proposal.tokens.length) return verdict;
    const u = input.random(input.firstPosition + acceptedCount, Purpose.RESAMPLE);
    return { acceptedCount, finalToken: sampleFrom(input.row(acceptedCount), u) };
  };
}

/** Positions 2 t and 2 t + 1 meet the noise of t. One token a round. */
function sharesNoise(): VerificationRule {
  return (input) => {
    const proposal = { ...input.proposal, tokens: new Uint32Array(0) };
    return verifyProposal({ ...input, proposal, firstPosition: input.firstPosition >>> 1 });
  };
}
