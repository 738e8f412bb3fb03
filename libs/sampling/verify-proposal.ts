// The one entry to verification: picks the request's rule. All of them keep exactly the target's law. For an empty
// proposal ratio and block are the same plain decoding, and coupled is the one that a seed makes repeatable.
import { verifyBlock } from './block.js';
import { verifyCoupled } from './coupled.js';
import type { VerificationMode } from './params.js';
import type { Verdict } from './proposal.js';
import { verifyRatio } from './rejection.js';
import type { VerificationInput, VerificationRule } from './verification.js';

const RULES: Readonly<Record<VerificationMode, VerificationRule>> = {
  ratio: verifyRatio,
  block: verifyBlock,
  coupled: verifyCoupled,
};

export function verifyProposal(input: VerificationInput): Verdict {
  return RULES[input.sampling.verification ?? 'ratio'](input);
}
