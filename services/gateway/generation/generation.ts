// What the use case gives back: a chunk a round and choice, the last one of each choice with its summary.
import type { FinishReason, RoundStats } from '#libs/rpc/index.js';
import type { AnswerPiece } from '../tools/answer-piece.js';
import type { PromptEcho } from './prompt-echo.js';
import type { RoundTotals } from './round-totals.js';
import type { ScoredToken } from './scored-token.js';
import type { Timings } from './stopwatch.js';

export interface GenerationSummary {
  /** `tool_calls`: the text is over, and the client is to answer its calls. */
  readonly finishReason: FinishReason | 'tool_calls';
  /** The stop string that ended the text; absent when anything else did. */
  readonly stopString?: string;
  readonly promptTokens: number;
  /** Up to and including the token that completed a stop string or ended the text. */
  readonly completionTokens: number;
  /** Prompt tokens that the verifier found in its KV cache. */
  readonly cachedTokens: number;
  /** Times the generation moved to another verifier. */
  readonly failovers: number;
  readonly totals: RoundTotals;
  /** Until it had its place. */
  readonly queueMs: number;
  readonly timings: Timings;
}

export interface GenerationChunk {
  /** Which choice goes on, from 0. */
  readonly index: number;
  /** Whole characters only: may lag behind `tokens`, and never holds part of a stop string. */
  readonly text: string;
  /** The same text with the calls told from it, when the chat has tools. */
  readonly pieces?: readonly AnswerPiece[];
  readonly tokens: readonly number[];
  /** One a token, if asked for. */
  readonly scores: readonly ScoredToken[] | undefined;
  /** On a choice's first chunk, if asked for. */
  readonly prompt: PromptEcho | undefined;
  readonly round: RoundStats;
  /** On a choice's last chunk only. */
  readonly summary: GenerationSummary | undefined;
}

export interface Generation {
  readonly id: string;
  readonly model: string;
  /** Unix seconds. */
  readonly created: number;
  readonly numChoices: number;
  /** More than one when several generations were joined; the choices of each prompt are neighbours. */
  readonly numPrompts: number;
  readonly promptTokens: number;
  /** The choices' chunks as they come. To be read once; leaving early cancels the call upstream. */
  readonly chunks: AsyncIterable<GenerationChunk>;
  /** Ends what still runs. To be called in any case: chunks that nobody began to read can't tell that they are not wanted. */
  close(): void;
}
