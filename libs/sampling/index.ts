export { GREEDY, type SamplingParams } from './params.js';
export { EMPTY_PROPOSAL, type Proposal, type ProposalMode, type Verdict } from './proposal.js';
