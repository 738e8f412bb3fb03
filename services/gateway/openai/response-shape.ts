// How one generation looks on the wire; chat and plain completions differ only here.
import type { GenerationSummary } from '../generation/generation.js';
import type { AnswerPiece } from '../tools/answer-piece.js';

export interface ResponseShape {
  /** `object` of a streamed chunk. */
  readonly chunkObject: string;
  /** `object` of a whole answer. */
  readonly object: string;
  /** The choice sent before any text; undefined sends none. */
  readonly opening: object | undefined;
  /** The one choice of a chunk. */
  piece(text: string, finishReason: GenerationSummary['finishReason'] | null): object;
  /** The choices of the chunks that tell of text and calls, one a chunk; the last has the finish reason, if there is one. */
  calls?(pieces: readonly AnswerPiece[], finishReason: GenerationSummary['finishReason'] | null): object[];
  /** The one choice of a whole answer. `pieces`: when its chat has tools. */
  whole(text: string, summary: GenerationSummary, pieces?: readonly AnswerPiece[]): object;
}
