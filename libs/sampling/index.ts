export {
  type Distribution,
  distributionOf,
  oneHot,
  probabilityOf,
  sampleFrom,
} from './distribution.js';
export { argmax, rawProbability } from './logits.js';
export { GREEDY, type SamplingParams } from './params.js';
export { draftDistribution, MAX_DRAFT_SUPPORT, toDistribution } from './processors.js';
export {
  deterministicProposal,
  draftLaw,
  EMPTY_PROPOSAL,
  type Proposal,
  type ProposalMode,
  sampledProposal,
  type Verdict,
} from './proposal.js';
export { keyedRandom, Purpose, type RoundRandom, uniform } from './random.js';
export { residual, type VerificationInput, verifyProposal } from './rejection.js';
export { type ProposalLimits, validateProposal } from './validate-proposal.js';
