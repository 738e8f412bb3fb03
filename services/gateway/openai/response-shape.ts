// How a generation looks on the wire; chat and plain completions differ only here.
import type { CompletedChoice } from '../generation/completed-choice.js';
import type { GenerationChunk } from '../generation/generation.js';

export interface ResponseShape {
  /** `object` of a streamed chunk. */
  readonly chunkObject: string;
  /** `object` of a whole answer. */
  readonly object: string;
  /** How one choice looks; asked once a choice, so it may remember what it has shown. */
  choice(index: number): ChoiceShape;
  /** Fields of a whole answer beside its choices. */
  extras(choices: readonly CompletedChoice[]): object;
}

export interface ChoiceShape {
  /** Sent before any text; undefined sends none. */
  readonly opening: object | undefined;
  /**
   * The choice in the chunks of the stream that tell of a generation's chunk: one or, where calls begin, several; none where
   * there is nothing to show. Of one with a summary there is at least one, and the last has the finish reason.
   */
  pieces(chunk: GenerationChunk): readonly object[];
  /** The choice in a whole answer. */
  whole(choice: CompletedChoice): object;
}
