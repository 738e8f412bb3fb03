// The gateway's half of a model: everything between text and token ids. The other half, the weights, is the verifier's.
import type { ChatMessage } from '#libs/rpc/index.js';

/** Turns tokens into text as they come; holds back bytes that are not yet a whole character. */
export interface TextDecoder {
  push(tokenId: number): string;
  /** What was held back. */
  flush(): string;
}

/** Finds stop strings in text that comes in pieces; holds back what may yet become one. */
export interface StopScanner {
  push(text: string): { readonly text: string; readonly stopped: boolean };
  /** What was held back. */
  flush(): string;
}

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
  /** Throws `context_length_exceeded` for a text that can't fit, before encoding it. */
  encode(text: string): Promise<readonly number[]>;
  /** Applies the chat template, with the opening of the assistant's turn. Errors as `encode`. */
  encodeChat(messages: readonly ChatMessage[]): Promise<readonly number[]>;
  decoder(): TextDecoder;
  stopScanner(stop: readonly string[]): StopScanner;
}
