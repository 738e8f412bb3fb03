export { Chain } from './chain.js';
export { type DecodePorts, type DecodeRequest, decode } from './decode.js';
export {
  type DraftedTokens,
  type DraftHead,
  DraftRun,
  type DraftStart,
  WHOLE_HEAD,
} from './draft-run.js';
export type { DraftSource } from './draft-source.js';
export { type DraftTask, draftTokens } from './draft-tokens.js';
export { FeatureMemory, FeatureWindow, type FeatureWindowOptions } from './feature-window.js';
export { type FeatureLayout, type FeatureRows, isSameLayout, MOST_FEATURE_ROWS } from './features.js';
export { AheadChoice, type AheadPolicy, ALWAYS_AHEAD } from './gamma/ahead-choice.js';
export { AheadGamma } from './gamma/ahead-gamma.js';
export { ConstantGamma } from './gamma/constant.js';
export { GoodputGamma } from './gamma/goodput.js';
export { HeuristicGamma, type HeuristicGammaOptions } from './gamma/heuristic.js';
export { LoadChoice, type LoadPolicy } from './gamma/load-choice.js';
export { type AcceptanceTrace, type CostLaw, type Replay, replay } from './gamma/replay.js';
export { controllerOf, GammaLessons, type GammaSetting } from './gamma/setting.js';
export { GoodputKnowledge } from './gamma/source-worth.js';
export { PastOutputs } from './lookup/past-outputs.js';
export { PromptLookup } from './lookup/prompt-lookup.js';
export { SuffixLookup } from './lookup/suffix-lookup.js';
export {
  DRAFT_METHODS,
  type DraftMethod,
  GAMMA_CONTROLLERS,
  type GammaControllerName,
  OPTIMISTIC_CHOICES,
  type OptimisticChoice,
} from './methods.js';
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
export { type SequenceNews, ToldSequence } from './told-sequence.js';
export { warmUp } from './warm-up.js';
