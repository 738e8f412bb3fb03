// The ports of the round loop and what passes through them. `decode.ts` knows nothing else of the world.
import type { Proposal, SamplingParams, TokenLogprobs, Verdict } from '#libs/sampling/index.js';
import type { FeatureWindow } from './feature-window.js';

/** One sequence as both ports see it: only committed tokens, prompt included. */
export interface Sequence {
  readonly sessionId: string;
  /** Append-only while a generation lives. */
  readonly tokens: readonly number[];
  /** How many of the tokens are the prompt; penalties count the others as generated. */
  readonly promptLength: number;
  readonly sampling: SamplingParams;
  /** Only sequences of the same salt share what was computed for them. */
  readonly cacheSalt?: string | undefined;
  /** Tokens from here on may be others in the next call: then the list isn't append-only. Default: none may. */
  readonly settledLength?: number;
  /** What the target knew at committed positions: the verifier writes it, proposers whose draft reads it send it on. */
  readonly featureWindow?: FeatureWindow | undefined;
}

/** What to draft. */
export interface DraftPlan {
  /** Upper bound of drafted tokens (gamma). */
  readonly maxTokens: number;
  /** Stop after the first token whose raw draft probability lies below this; 0 never stops early. */
  readonly minConfidence: number;
  /** Stop after the first token at which the product of the raw draft probabilities lies below this. Default 0: never. */
  readonly minReach?: number;
  /** Most tokens to draft beyond the answer, as if all of it were accepted, while it is verified. Default 0: none. */
  readonly ahead?: number;
}

export interface TimedProposal {
  readonly proposal: Proposal;
  /** Milliseconds of model forwards, as the draft measured them. */
  readonly computeMs: number;
  /** Raw draft probability of each drafted token; empty where the source has none. */
  readonly confidences?: ArrayLike<number>;
  /** How many of the tokens were drawn before they were asked for. Default 0. */
  readonly draftedAhead?: number;
  /** What a better source failed with, in whose place this one drafted. */
  readonly instead?: unknown;
}

export interface TimedVerdict {
  readonly verdict: Verdict;
  /** Milliseconds of the target's forward, as its worker measured them. */
  readonly computeMs: number;
  /** Milliseconds that the work waited for its forwards. */
  readonly waitMs?: number;
  /** Committed tokens found in the KV cache before this call. */
  readonly cachedTokens: number;
  /** Sequences that shared the last forward, this one included, and the tokens which it was fed for all of them. */
  readonly batchSize?: number;
  readonly batchTokens?: number;
  /** Rows of logits that it gave: one for each session in it, and one for each drafted token. */
  readonly batchRows?: number;
  /** If asked for: of the accepted tokens, then of the final token. */
  readonly logprobs?: readonly TokenLogprobs[];
  /** If asked for, when all tokens of the sequence are the prompt: entry i is of prompt token i + 1. */
  readonly promptLogprobs?: readonly TokenLogprobs[];
}

/** Where drafts come from. May fail or lie: the loop then goes on without it. */
export interface Proposer {
  /** Reads the prompt, so that the first proposal needn't. Without it a proposal is asked for and thrown away. */
  warmUp?(sequence: Sequence, signal: AbortSignal): Promise<void>;
  propose(sequence: Sequence, plan: DraftPlan, signal: AbortSignal): Promise<TimedProposal>;
}

/** The target model. A failure here ends the generation. */
export interface Verifier {
  verify(sequence: Sequence, proposal: Proposal, signal: AbortSignal): Promise<TimedVerdict>;
}

/** Decides how many tokens to draft, from what the last rounds brought. */
export interface GammaController {
  next(): DraftPlan;
  /** Told of every round but the first (the prefill) and those whose draft failed. */
  observe(outcome: RoundOutcome): void;
  /** Told of a later round whose draft failed, and how long it was waited for. */
  lose?(ms: number): void;
}

export interface RoundOutcome {
  readonly drafted: number;
  readonly accepted: number;
  readonly confidences: ArrayLike<number>;
  /** Milliseconds until the proposal was there. */
  readonly draftMs: number;
  /** Milliseconds of the rest of the round. */
  readonly restMs: number;
  /** How busy the target was, if it says so. */
  readonly load?: TargetLoad;
}

/** What a verification's forward was shared with. */
export type TargetLoad = Pick<
  TimedVerdict,
  'computeMs' | 'waitMs' | 'batchSize' | 'batchTokens' | 'batchRows'
>;

/** What one round brought. All times are milliseconds. */
export interface Round {
  /** Committed by this round, in order. */
  readonly tokens: readonly number[];
  readonly drafted: number;
  /** Drafted tokens among the committed ones. */
  readonly accepted: number;
  readonly draftMs: number;
  readonly verifyMs: number;
  readonly totalMs: number;
  readonly draftComputeMs: number;
  readonly verifyComputeMs: number;
  /** Tokens the target found in its KV cache. */
  readonly cachedTokens: number;
  /** As in TimedVerdict. */
  readonly batchSize?: number;
  readonly batchTokens?: number;
  /** Why the draft that was wanted was not used: none was, or another source's. */
  readonly draftFailure?: string;
  /** Drafted tokens that were there before they were asked for. Default 0. */
  readonly draftedAhead?: number;
  /** On the last round: `stop` after a stop token, `length` when max_tokens or the context is used up. */
  readonly finishReason?: FinishReason;
  /** One a token, if asked for. */
  readonly logprobs?: readonly TokenLogprobs[];
  /** On the first round, if asked for: entry i is of prompt token i + 1. */
  readonly promptLogprobs?: readonly TokenLogprobs[];
}

export type FinishReason = 'stop' | 'length';
