// How one generation looks on the wire; chat and plain completions differ only here.
import type { FinishReason } from '#libs/rpc/index.js';
import type { GenerationSummary } from '../generation/generation.js';

export interface ResponseShape {
  /** `object` of a streamed chunk. */
  readonly chunkObject: string;
  /** `object` of a whole answer. */
  readonly object: string;
  /** The choice sent before any text; undefined sends none. */
  readonly opening: object | undefined;
  /** The one choice of a chunk. */
  piece(text: string, finishReason: FinishReason | null): object;
  /** The one choice of a whole answer. */
  whole(text: string, summary: GenerationSummary): object;
}
