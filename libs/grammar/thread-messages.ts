// What passes between a grammar thread and its owner.
import type { ErrorCode } from '#libs/errors/index.js';
import type { GrammarSpec } from './grammar-spec.js';
import type { GenerationPath, MaskRequest, MaskRows } from './mask-rows.js';

export type GrammarJob =
  | { readonly kind: 'check'; readonly spec: GrammarSpec }
  | { readonly kind: 'masks'; readonly spec: GrammarSpec; readonly request: MaskRequest }
  | { readonly kind: 'literal'; readonly spec: GrammarSpec; readonly request: GenerationPath }
  | { readonly kind: 'release'; readonly generationId: string };

/** Rows for `masks`, a text for `literal`, else nothing. */
export type GrammarResult = MaskRows | string | undefined;

/** Jobs are done one after the other, in the order in which they came. */
export interface ToGrammarThread {
  readonly id: number;
  readonly job: GrammarJob;
}

export type FromGrammarThread =
  /** The next job can begin; after the start, and after each reply. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly id: number; readonly result: GrammarResult }
  | {
      readonly kind: 'failed';
      readonly id: number;
      readonly code: ErrorCode;
      readonly message: string;
    };
