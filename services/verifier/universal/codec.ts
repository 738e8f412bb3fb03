// What translating between two vocabularies needs of a tokenizer.
import type { Tokenizer } from '#libs/tokenizer/index.js';

export interface Codec {
  /** Token ids of a text, and nothing around them. Never a special one: what spells one is text here. */
  encode(text: string): readonly number[];
  /** A token's bytes of UTF-8; may be part of a character. */
  bytesOf(id: number): Uint8Array;
  /** How a special token is spelt; undefined for all others. */
  specialName(id: number): string | undefined;
  /** Id of the special token that is spelt so. */
  specialId(name: string): number | undefined;
  readonly bosTokenId: number | undefined;
  readonly eosTokenId: number | undefined;
  /** Whether sequences begin with the bos token. */
  readonly startsWithBos: boolean;
}

export function codecOf(tokenizer: Tokenizer): Codec {
  const { bosTokenId, eosTokenId } = tokenizer;
  return {
    encode: (text) => tokenizer.encodeText(text),
    bytesOf: (id) => tokenizer.tokenBytes(id),
    specialName: (id) => (tokenizer.isSpecial(id) ? tokenizer.tokenName(id) : undefined),
    specialId: (name) => {
      const ids = tokenizer.encode(name, { addSpecialTokens: false });
      return ids.length === 1 && tokenizer.isSpecial(ids[0]!) ? ids[0] : undefined;
    },
    bosTokenId,
    eosTokenId,
    startsWithBos: bosTokenId !== undefined && tokenizer.encode('a')[0] === bosTokenId,
  };
}
