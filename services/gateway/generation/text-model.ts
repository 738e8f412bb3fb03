// The gateway's half of a model: everything between text and token ids. The other half, the weights, is the verifier's.
import type { GrammarSpec } from '#libs/grammar/index.js';
import type { ChatMessage, IncrementalDecoder, Tool, ToolCallFormat } from '#libs/tokenizer/index.js';

/** Injection token. */
export const TEXT_MODEL = Symbol('TextModel');

export interface TextModel {
  /** The name clients ask for. */
  readonly name: string;
  /** The name verifiers register under: the manifest's. */
  readonly manifestName: string;
  readonly contextLength: number;
  readonly vocabSize: number;
  /** SHA-256 of the ordered vocabulary, hex. */
  readonly vocabularyFingerprint: string;
  readonly eosTokenIds: readonly number[];
  /** How the model writes calls of tools. */
  readonly toolCallFormat: ToolCallFormat;
  /** Throws `context_length_exceeded` for a text that can't fit, without encoding it. */
  encode(text: string): Promise<readonly number[]>;
  /** A piece of text as it would go on inside another: no special tokens. Errors as `encode`. */
  encodePlain(text: string): Promise<readonly number[]>;
  /**
   * Applies the chat template; opens the assistant's turn unless told not to. Errors as `encode`, and
   * `invalid_argument`.
   */
  encodeChat(
    messages: readonly ChatMessage[],
    tools?: readonly Tool[],
    addGenerationPrompt?: boolean,
  ): Promise<readonly number[]>;
  /** Throws `invalid_argument` naming `field` if answers of this model can't be made to match the grammar. */
  checkGrammar(grammar: GrammarSpec, field: string): Promise<void>;
  /** For one stream of tokens. `continuesText`: the tokens go on a text that the client wrote. */
  decoder(
    continuesText: boolean,
    options?: { readonly showsSpecialTokens?: boolean | undefined },
  ): IncrementalDecoder;
  /** The text of whole sequences, special tokens written out. The ids must be in the vocabulary. */
  decode(tokens: readonly number[]): Promise<string>;
  /** The token's own text, special tokens included; part of a character shows as U+FFFD. */
  tokenText(id: number): string;
  /** The token's own bytes of UTF-8. */
  tokenBytes(id: number): Uint8Array;
  /** A token as the vocabulary spells it; undefined for ids that no token has. */
  tokenName(id: number): string | undefined;
}
