// Guesses how the target cuts a text into tokens that its grammar forces on it (`", "name": "`). The text is certain, its
// tokens are not: they are what the target's own law chooses under the masks. So they are only drafted, and where a
// grammar is used again, as it was cut the last time.
import { Lru } from './lru.js';
import { type GrammarVocabulary, unpackVocabulary } from './vocabulary.js';

/** Grammars whose literals are remembered, and places in each. */
const MAX_SCOPES = 64;
const MAX_PLACES = 1_024;
/** A token is chosen by what follows at once. */
const MAX_KEY_BYTES = 32;
/** Longest token that was never seen there. */
const MAX_TOKEN_BYTES = 24;
/** The longest token that fits is right about so often. */
const UNSEEN_CONFIDENCE = 0.5;
const MAX_STREAK = 20;

interface Choice {
  token: number;
  /** How often in a row it was chosen. */
  streak: number;
}

export interface LiteralDraft {
  readonly tokens: number[];
  /** In each token. */
  readonly confidences: number[];
}

export class LiteralTokens {
  readonly #scopes = new Lru<Lru<Choice>>(MAX_SCOPES);
  readonly #texts: string[];
  #ids: Map<string, number> | undefined;

  constructor(vocabulary: GrammarVocabulary) {
    this.#texts = unpackVocabulary(vocabulary).map((bytes) => Buffer.from(bytes).toString('latin1'));
  }

  /** @param scope Only what was learnt there counts: a grammar, and whose it is. */
  draft(scope: string, literal: string, maxTokens: number): LiteralDraft {
    const places = this.#scopes.get(scope);
    const [tokens, confidences]: [number[], number[]] = [[], []];
    let rest = bytesOf(literal);
    while (rest.length > 0 && tokens.length < maxTokens) {
      const seen = places?.get(rest.slice(0, MAX_KEY_BYTES));
      const token = seen?.token ?? this.#longest(rest);
      if (token === undefined) break;
      tokens.push(token);
      confidences.push(seen === undefined ? UNSEEN_CONFIDENCE : (seen.streak + 1) / (seen.streak + 2));
      const after = this.#behind(rest, token);
      if (after === undefined) break;
      rest = after;
    }
    return { tokens, confidences };
  }

  /** How many of the tokens agree with the literal; those behind it do, for all that is known. */
  agreeing(literal: string, tokens: ArrayLike<number>): number {
    let rest = bytesOf(literal);
    for (let i = 0; i < tokens.length; i++) {
      if (rest === '') return tokens.length;
      const text = this.#texts[tokens[i]!] ?? '';
      if (text === '' || !(rest.startsWith(text) || text.startsWith(rest))) return i;
      rest = rest.slice(text.length);
    }
    return tokens.length;
  }

  /** @param tokens What came where the literal was forced, and behind it. */
  learn(scope: string, literal: string, tokens: readonly number[]): void {
    let rest: string | undefined = bytesOf(literal);
    if (rest === '' || tokens.length === 0) return;
    const places = this.#scopes.get(scope) ?? new Lru<Choice>(MAX_PLACES);
    this.#scopes.set(scope, places);
    for (const token of tokens) {
      const key: string = rest.slice(0, MAX_KEY_BYTES);
      const seen = places.get(key);
      if (seen?.token === token) seen.streak = Math.min(MAX_STREAK, seen.streak + 1);
      else if (seen !== undefined && seen.streak > 2) seen.streak = Math.floor(seen.streak / 2);
      else places.set(key, { token, streak: 1 });
      rest = this.#behind(rest, token);
      if (rest === undefined || rest === '') return;
    }
  }

  /** What of the text is left behind the token; undefined if the token goes beyond it. */
  #behind(rest: string, token: number): string | undefined {
    const text = this.#texts[token];
    return text !== undefined && text !== '' && rest.startsWith(text) ? rest.slice(text.length) : undefined;
  }

  #longest(rest: string): number | undefined {
    this.#ids ??= new Map(this.#texts.map((text, id) => [text, id] as const).reverse());
    for (let length = Math.min(rest.length, MAX_TOKEN_BYTES); length > 0; length--) {
      const id = this.#ids.get(rest.slice(0, length));
      if (id !== undefined) return id;
    }
    return undefined;
  }
}

/** A character a byte. */
function bytesOf(text: string): string {
  return Buffer.from(text).toString('latin1');
}
