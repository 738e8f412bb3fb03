// How the matrices of a model are stored, one form for each of their places. docs/decisions/0021 has the numbers.
import type { Manifest } from '#libs/models/index.js';

export type Quantisation = Manifest['quantisation'];

/** q8 and q4: blocks of 32 integers; q8b64: blocks of 64; w8: integers with one scale a row, for products only. */
export type MatrixForm = 'q8' | 'q8b64' | 'q4' | 'w8' | 'f32';

export interface Forms {
  readonly embedding: MatrixForm;
  /** Of the products of a layer, but for the next. */
  readonly layers: MatrixForm;
  /** What leads back from the MLP. */
  readonly down: MatrixForm;
  readonly head: MatrixForm;
}

export type EmbeddingBits = 4 | 8 | 32;

const FORM_OF_BITS = { 4: 'q4', 8: 'q8', 32: 'f32' } as const;

/** @param embeddingBits Of the embedding, where they differ from the other weights'. */
export function formsOf(quantisation: Quantisation, embeddingBits: EmbeddingBits | undefined): Forms {
  // One scale a row suits neither the outliers in front of `down` nor a head that every sampled probability hangs on.
  const careful = quantisation === 'w8' ? 'q8b64' : quantisation;
  const embedding = embeddingBits === undefined ? careful : FORM_OF_BITS[embeddingBits];
  return { embedding, layers: quantisation, down: careful, head: careful };
}
