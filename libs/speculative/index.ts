export { Chain, type DraftSource } from './chain.js';
export { type DecodePorts, type DecodeRequest, decode } from './decode.js';
export { DraftRun, type DraftStart } from './draft-run.js';
export {
  type DraftedTokens,
  type DraftHead,
  type DraftTask,
  draftTokens,
  WHOLE_HEAD,
} from './draft-tokens.js';
export { AheadChoice, type AheadPolicy, ALWAYS_AHEAD } from './gamma/ahead-choice.js';
export { AheadGamma, RatedAheadGamma } from './gamma/ahead-gamma.js';
export { ConstantGamma } from './gamma/constant.js';
export { DraftExitGamma, DraftExitState } from './gamma/draft-exit.js';
export { GoodputGamma, GoodputKnowledge } from './gamma/goodput.js';
export { HeuristicGamma, type HeuristicGammaOptions } from './gamma/heuristic.js';
export { PromptLookup } from './lookup/prompt-lookup.js';
export {
  DRAFT_METHODS,
  type DraftMethod,
  GAMMA_CONTROLLERS,
  OPTIMISTIC_CHOICES,
  type OptimisticChoice,
} from './methods.js';
export type {
  DraftPlan,
  FinishReason,
  GammaController,
  Proposer,
  RatedGamma,
  Round,
  Sequence,
  TimedProposal,
  TimedVerdict,
  Verifier,
} from './round.js';
export { SpeculationStats, type SpeculativeDecodingMetrics } from './stats.js';
export { warmUp } from './warm-up.js';
