// What a request may say about sampling. The names and ranges are those of OpenAI and vLLM.

/**
 * `ratio` judges drafted tokens one by one (rejection.ts), `block` the draft as a whole (block.ts). With `coupled` the
 * seed alone decides the output, whatever the draft does (coupled.ts).
 */
export type VerificationMode = 'ratio' | 'block' | 'coupled';

/** Whether the draft draws its tokens from its law or takes the most probable one each. */
export type DraftMode = 'sampled' | 'deterministic';

/**
 * The order in which the parameters act, for the target's law p and the draft's law q alike:
 *   logit bias → forbidden tokens (allowed, banned, bad words, min tokens, a grammar's mask) → repetition, presence,
 *   frequency penalty
 *   (process-logits.ts) → temperature → top-k → top-p → min-p → typical-p → renormalise (processors.ts).
 * Temperature 0 takes the argmax after the penalties. An optional field that is undefined is off.
 */
export interface SamplingParams {
  /** 0 is greedy: the target's argmax, ties to the lowest id. */
  readonly temperature: number;
  /** Keep the k most probable tokens; 0 keeps all. */
  readonly topK: number;
  /** Keep the smallest set of most probable tokens whose mass reaches topP; 1 keeps all. */
  readonly topP: number;
  /** Unsigned 64-bit key of all the randomness of this request. */
  readonly seed: bigint;
  /** Which rule judges drafted tokens; the law of the output is the same. Default `ratio`. */
  readonly verification?: VerificationMode | undefined;
  /** Default `sampled`. */
  readonly draftMode?: DraftMode | undefined;
  /** Keep tokens at least minP times as probable as the best one; 0 keeps all, 1 the best only. */
  readonly minP?: number | undefined;
  /** Keep the smallest set of tokens of most typical surprise whose mass reaches typicalP, in (0, 1]; 1 keeps all. */
  readonly typicalP?: number | undefined;
  /** Subtracted from a token's logit once for each time it was generated. −2 … 2 */
  readonly frequencyPenalty?: number | undefined;
  /** Subtracted from the logit of every token that was generated. −2 … 2 */
  readonly presencePenalty?: number | undefined;
  /** Divides a positive logit, multiplies any other, of every token in the prompt or generated. > 0; 1 is off */
  readonly repetitionPenalty?: number | undefined;
  /** Token id → what is added to its logit, −100 … 100. */
  readonly logitBias?: ReadonlyMap<number, number> | undefined;
  /** If given, all other tokens are forbidden. */
  readonly allowedTokenIds?: readonly number[] | undefined;
  readonly bannedTokenIds?: readonly number[] | undefined;
  /**
   * Token sequences that are never completed: the last token is forbidden where those before it end the history, prompt
   * included. Empty ones are ignored.
   */
  readonly badWords?: readonly (readonly number[])[] | undefined;
  /** Until so many tokens were generated, `stopTokenIds` are forbidden. */
  readonly minTokens?: number | undefined;
  /** What minTokens forbids. Doesn't itself end a generation. */
  readonly stopTokenIds?: readonly number[] | undefined;
}

export const GREEDY: SamplingParams = { temperature: 0, topK: 0, topP: 1, seed: 0n };
