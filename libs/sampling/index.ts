export { type Distribution, oneHot, sampleFrom } from './distribution.js';
export { draftDistribution, drawDraft, sendsLaws } from './draft.js';
export { History, type TokenCounts } from './history.js';
export { argmax, rawProbability } from './logits.js';
export { type TokenLogprobs, tokenLogprobs } from './logprobs.js';
export { type DraftMode, GREEDY, type SamplingParams, type VerificationMode } from './params.js';
export {
  changesLogits,
  NothingAllowedError,
  type ProcessOptions,
  processLogits,
} from './process-logits.js';
export { toDistribution } from './processors.js';
export {
  deterministicProposal,
  EMPTY_PROPOSAL,
  type Proposal,
  type ProposalMode,
  sampledProposal,
  type Verdict,
} from './proposal.js';
export { keyedRandom, Purpose, type RoundRandom } from './random.js';
export { type ProposalLimits, validateProposal } from './validate-proposal.js';
export type { VerificationInput, VerificationRule } from './verification.js';
export { verifyProposal } from './verify-proposal.js';
