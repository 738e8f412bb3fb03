export { type DecodePorts, type DecodeRequest, decode } from './decode.js';
export { ConstantGamma } from './gamma/constant.js';
export { HeuristicGamma, type HeuristicGammaOptions } from './gamma/heuristic.js';
export type {
  DraftPlan,
  FinishReason,
  GammaController,
  Proposer,
  Round,
  Sequence,
  TimedProposal,
  TimedVerdict,
  Verifier,
} from './round.js';
export { SpeculationStats, type SpeculativeDecodingMetrics } from './stats.js';
