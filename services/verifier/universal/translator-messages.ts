// What passes between a translator's thread and its owner. Jobs are done one after the other, in order.
import type { TokenizerBytes } from '#libs/rpc/index.js';
import type { TranslatedDraft } from './translation.js';

export interface TranslatorData {
  /** With the target's tokenizer. */
  readonly targetFolder: string;
  readonly draft: TokenizerBytes;
  /** That the draft says it has. */
  readonly fingerprint: string;
}

export type TranslatorJob =
  /** Committed tokens of the target from position `start` on. At 0 the generation begins anew. */
  | {
      readonly kind: 'read';
      readonly generation: number;
      readonly start: number;
      readonly tokens: readonly number[];
    }
  | {
      readonly kind: 'translate';
      readonly generation: number;
      readonly drafted: readonly number[];
      readonly confidences: readonly number[];
      readonly maxTokens: number;
    }
  | { readonly kind: 'release'; readonly generation: number };

/** The draft's sequence: its tokens from `start` on, which replace those that were there. */
export interface DraftTail {
  readonly start: number;
  readonly tokens: readonly number[];
  /** How many of all of them are final. */
  readonly settledLength: number;
}

export interface TranslatorResults {
  readonly read: DraftTail;
  readonly translate: TranslatedDraft;
  readonly release: undefined;
}

export type FromTranslator =
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly result: TranslatorResults[keyof TranslatorResults] }
  | { readonly kind: 'failed'; readonly message: string };
