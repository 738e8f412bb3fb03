export type { DraftPlan, GammaController, Proposer, Sequence, TimedProposal, TimedVerdict, Verifier } from './round.js';
