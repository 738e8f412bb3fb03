export { Chain } from './chain.js';
export { type DecodePorts, type DecodeRequest, decode } from './decode.js';
export type { DraftSource } from './draft-source.js';
export {
  type DraftedTokens,
  type DraftHead,
  type DraftTask,
  draftTokens,
  WHOLE_HEAD,
} from './draft-tokens.js';
export { ConstantGamma } from './gamma/constant.js';
export { DraftExitGamma, DraftExitState } from './gamma/draft-exit.js';
export { GoodputGamma } from './gamma/goodput.js';
export { HeuristicGamma, type HeuristicGammaOptions } from './gamma/heuristic.js';
export { GoodputKnowledge } from './gamma/source-worth.js';
export { PastOutputs } from './lookup/past-outputs.js';
export { PromptLookup } from './lookup/prompt-lookup.js';
export { SuffixLookup } from './lookup/suffix-lookup.js';
export { DRAFT_METHODS, type DraftMethod, GAMMA_CONTROLLERS } from './methods.js';
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
export { warmUp } from './warm-up.js';
