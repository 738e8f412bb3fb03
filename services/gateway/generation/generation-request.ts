// What the use case takes: one request in domain words, the same whether it came over HTTP or gRPC.
import type { GrammarSpec } from '#libs/grammar/index.js';
import type { Speculation } from '#libs/rpc/index.js';
import type { SamplingParams } from '#libs/sampling/index.js';
import type { ChatMessage, Tool } from '#libs/tokenizer/index.js';
import type { ToolChoice } from '../tools/tool-choice.js';

export type PromptInput =
  | {
      readonly kind: 'chat';
      readonly messages: readonly ChatMessage[];
      /** Functions that the model is told of; undefined or empty: none. */
      readonly tools?: readonly Tool[] | undefined;
      /** Undefined: as the model likes. */
      readonly toolChoice?: ToolChoice | undefined;
    }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'tokens'; readonly tokens: readonly number[] };

export interface GenerationRequest {
  /** Made by us and unguessable: it names the request upstream, unlike x-request-id, which clients choose. */
  readonly id: string;
  readonly model: string;
  readonly input: PromptInput;
  readonly sampling: SamplingParams;
  /** Undefined: up to the context length; 0: the prompt is read and nothing is generated. */
  readonly maxTokens: number | undefined;
  readonly stop: readonly string[];
  /** End the generation like the model's own end token, but show as text. */
  readonly stopTokenIds: readonly number[];
  /** The model's end token does not end the generation. */
  readonly ignoreEos: boolean;
  /** Texts that are never generated. */
  readonly badWords: readonly string[];
  readonly speculation: Speculation;
  /** What the answer must match. */
  readonly grammar?: GrammarSpec | undefined;
  /** Name of the field that asked for it, for errors. */
  readonly grammarField?: string | undefined;
  /** As the client wrote it; undefined derives one from the conversation. */
  readonly sessionId: string | undefined;
  /** Lower goes first, as in vLLM; default 0. */
  readonly priority?: number | undefined;
  /** Milliseconds that the client waits for the whole answer; default as long as it takes. */
  readonly timeoutMs?: number | undefined;
  /** Sets the tenant's requests with another one, or none, apart: they share no session and no keys and values. */
  readonly cacheSalt?: string | undefined;
  /** Answers to the one prompt, each with a seed of its own; default 1. */
  readonly numChoices?: number | undefined;
  /** Log probabilities of the answer's tokens, with so many of the likeliest alternatives; default none at all. */
  readonly logprobs?: number | undefined;
  /** The same of the prompt's tokens. */
  readonly promptLogprobs?: number | undefined;
  /** The first chunk of each choice brings the prompt along; it does so for promptLogprobs in any case. */
  readonly echo?: boolean | undefined;
  /** What ended the text is part of it. */
  readonly includesStop?: boolean | undefined;
  /** Special tokens such as <|im_end|> show in the text. */
  readonly showsSpecialTokens?: boolean | undefined;
}
