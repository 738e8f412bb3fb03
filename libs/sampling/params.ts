// What a request may say about sampling. The names and ranges are those of OpenAI and vLLM.

export interface SamplingParams {
  /** 0 is greedy: the target's argmax, ties to the lowest id. */
  readonly temperature: number;
  /** Keep the k most probable tokens; 0 keeps all. */
  readonly topK: number;
  /** Keep the smallest set of most probable tokens whose mass reaches topP; 1 keeps all. */
  readonly topP: number;
  /** Unsigned 64-bit key of all the randomness of this request. */
  readonly seed: bigint;
}

export const GREEDY: SamplingParams = { temperature: 0, topK: 0, topP: 1, seed: 0n };
