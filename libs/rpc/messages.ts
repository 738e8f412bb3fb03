// What services say to each other, as domain types: plain readonly objects. Generated types stay inside this lib.

import type { GrammarSpec } from '#libs/grammar/index.js';
import type { Proposal, SamplingParams, TokenLogprobs } from '#libs/sampling/index.js';
import type { FeatureLayout, FeatureRows, FinishReason, Round } from '#libs/speculative/index.js';

/** Draft and verifier must agree on `vocabularyFingerprint` (SHA-256 of the ordered vocabulary). */
export interface ModelInfo {
  readonly model: string;
  readonly vocabSize: number;
  readonly vocabularyFingerprint: string;
  readonly contextLength: number;
  /** Of a target: those it gives; of a draft: those it reads. */
  readonly features?: FeatureLayout | undefined;
}

/** "You hold the first `prefixLength` committed tokens of the session; here is the rest." */
export interface ProposeRequest {
  /** Chosen by the caller, unique within a stream, echoed in the response. */
  readonly round: number;
  readonly sessionId: string;
  readonly prefixLength: number;
  /** Committed tokens from position `prefixLength` on. */
  readonly tokens: readonly number[];
  /** How many of the sequence's tokens are the prompt. */
  readonly promptLength: number;
  /** Upper bound of drafted tokens. */
  readonly maxTokens: number;
  /** Stop after the first token whose raw probability lies below this; 0 never stops early. */
  readonly minConfidence: number;
  /** Stop after the first token at which the product of the raw probabilities lies below this. Default 0: never. */
  readonly minReach?: number;
  /** Most tokens to draft beyond the answer while the caller verifies it. Default 0: none. */
  readonly draftAhead?: number;
  /** If absent: as in the request before it on the stream. */
  readonly sampling?: SamplingParams;
  /** Of the tokens, when `prefixLength` is 0: a draft of another vocabulary refuses. */
  readonly vocabularyFingerprint?: string;
  /** Keys and values are shared between sessions of the same salt only; so for GenerateRequest. */
  readonly cacheSalt?: string | undefined;
  /** Of committed positions but the last one, for a draft that reads them; what is missing counts as zeros. */
  readonly features?: FeatureRows | undefined;
}

export type ProposeResponse =
  | {
      readonly round: number;
      readonly outcome: 'proposal';
      readonly proposal: Proposal;
      /** Milliseconds of model forwards, by the draft's own clock. */
      readonly computeMs: number;
      /** Raw probability of each drafted token; empty (the default) if the draft has none. */
      readonly confidences?: ArrayLike<number>;
      /** How many of the tokens were drawn before they were asked for. Default 0. */
      readonly draftedAhead?: number;
    }
  /** The draft does not hold the named prefix: resend with `prefixLength` 0. */
  | { readonly round: number; readonly outcome: 'session_lost' };

/** The next bytes of a tokenizer's two files. */
export interface TokenizerPiece {
  readonly tokenizerJson?: Uint8Array;
  readonly tokenizerConfigJson?: Uint8Array;
}

/** Both files whole. */
export type TokenizerBytes = Required<TokenizerPiece>;

export interface Speculation {
  readonly enabled: boolean;
  /** Tokens to draft a round; 0 lets the controller choose. */
  readonly numSpeculativeTokens: number;
  /** Draft source, one of DRAFT_METHODS; empty is the default. */
  readonly method: string;
  /** Who decides how much is drafted, one of GAMMA_CONTROLLERS; undefined is the default. */
  readonly controller?: string;
  /** Whether draft models work ahead, one of OPTIMISTIC_CHOICES; undefined is `auto`. */
  readonly optimistic?: string;
}

/** Gateway to verifier: generate from these committed tokens. */
export interface GenerateRequest {
  readonly requestId: string;
  readonly sessionId: string;
  readonly tokens: readonly number[];
  /** How many of the tokens are the prompt; the others were generated before, by a verifier that failed. */
  readonly promptLength: number;
  readonly sampling: SamplingParams;
  readonly maxTokens: number;
  /** Ids that end the generation; the one met is the last token sent. */
  readonly stopTokenIds: readonly number[];
  readonly speculation: Speculation;
  /** host:port of drafts, in order of preference. */
  readonly draftEndpoints: readonly string[];
  readonly fencingGeneration: bigint;
  readonly cacheSalt?: string | undefined;
  /** An opaque name: tenants share the verifier evenly. */
  readonly tenant?: string | undefined;
  /** Lower goes first where not all can; default 0. */
  readonly priority?: number | undefined;
  /** How many of the likeliest alternatives to name with each committed token; 0: none, undefined: no logprobs at all. */
  readonly logprobs?: number;
  /** The same of the prompt's tokens from the second on. */
  readonly promptLogprobs?: number;
  /** What the generated text must match. */
  readonly grammar?: GrammarSpec | undefined;
}

export type { TokenLogprobs } from '#libs/sampling/index.js';
export type { FinishReason } from '#libs/speculative/index.js';

/** One round as the verifier's clock saw it; its cachedTokens are 0 after the first round. */
export type RoundStats = Omit<Round, 'tokens' | 'finishReason' | 'logprobs' | 'promptLogprobs'>;

/** One message a round. */
export interface GenerateResponse {
  /** Tokens committed by this round, in order. */
  readonly tokens: readonly number[];
  readonly round: RoundStats;
  /** On the last message only. */
  readonly finishReason?: FinishReason;
  /** One a token, if asked for. */
  readonly logprobs?: readonly TokenLogprobs[];
  /** On the first message only, if asked for; entry i is of prompt token i + 1. Absent for a prompt of one token. */
  readonly promptLogprobs?: readonly TokenLogprobs[];
}

export interface ChatMessage {
  readonly role: string;
  readonly content: string;
}

/** The public service: text in, text out. */
export interface GenerateTextRequest {
  readonly model: string;
  readonly input: { readonly prompt: string } | { readonly messages: readonly ChatMessage[] };
  /** Without a seed the gateway picks one. */
  readonly sampling: Omit<SamplingParams, 'seed'> & { readonly seed?: bigint };
  /** 0: up to the context length. */
  readonly maxTokens: number;
  readonly stop: readonly string[];
  readonly speculation: Speculation;
  readonly sessionId: string;
  /** Lower goes first; default 0. */
  readonly priority?: number | undefined;
}

export interface Usage {
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly cachedTokens: number;
}

export interface GenerateTextResponse {
  readonly text: string;
  readonly tokens: readonly number[];
  readonly round?: RoundStats;
  readonly finishReason?: FinishReason;
  readonly usage?: Usage;
}
