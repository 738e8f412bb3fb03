// What a draft has been told of one sequence, so that each request says only what is new to it.
import type { FeatureRows } from './features.js';
import type { Sequence } from './round.js';

export interface SequenceNews {
  readonly prefixLength: number;
  /** Committed tokens from position prefixLength on. */
  readonly tokens: readonly number[];
  /** Of the positions that the new tokens go on from. */
  readonly features?: FeatureRows | undefined;
}

export class ToldSequence {
  /** Of the tokens that were told, those that stay. */
  #length = 0;

  /** @param readsFeatures Whether the draft reads what the target knew. */
  news({ tokens, featureWindow }: Sequence, readsFeatures: boolean): SequenceNews {
    const prefixLength = this.#length;
    // The first new token goes on from what the target knew at the token before it.
    const features = readsFeatures ? featureWindow?.from(Math.max(prefixLength - 1, 0)) : undefined;
    return { prefixLength, tokens: tokens.slice(prefixLength), ...(features && { features }) };
  }

  told({ tokens, settledLength = tokens.length }: Sequence): void {
    this.#length = Math.min(settledLength, tokens.length);
  }

  /** The draft has lost it: all is news. */
  forget(): void {
    this.#length = 0;
  }
}
