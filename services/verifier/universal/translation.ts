// One sequence in two vocabularies. The target's committed tokens are read as text and encoded for the draft, piece by
// piece as they come; what the draft adds is text again, and is encoded as the target would have written it behind its own
// text. Hugging Face calls this universal assisted generation. Whatever comes out is a deterministic proposal, which
// every verification rule judges exactly: a bad translation costs speed, never correctness.
import type { Codec } from './codec.js';
import { bytesOfDraft, type DraftedText } from './drafted-text.js';
import { IncrementalEncoder } from './incremental-encoder.js';
import { confidencesOf } from './merged-confidences.js';
import { continueText } from './seam.js';
import { specialTokens } from './special-tokens.js';
import { unfinishedLength } from './utf8.js';

/** Characters of the target's text that are encoded once more before what the draft adds: up to so many … */
const TAIL = 64;
/** … or, where no word begins in the first half of them, so many: their tokens depend on where they are cut. */
const LONGEST_TAIL = 4 * TAIL;

export interface TranslatedDraft {
  /** Tokens of the target that continue the committed ones. */
  readonly tokens: readonly number[];
  /** One a token; empty if the draft gave none. */
  readonly confidences: readonly number[];
}

export class Translation {
  readonly #encoder: IncrementalEncoder;
  readonly #toDraft: (id: number, name: string) => number | undefined;
  readonly #toTarget: (id: number, name: string) => number | undefined;
  /** Committed bytes of a character whose rest may still come. */
  #held: Uint8Array = new Uint8Array(0);
  /** The end of the committed text since the last special token. */
  #tail = '';
  #isEmpty = true;

  constructor(
    private readonly target: Codec,
    private readonly draft: Codec,
  ) {
    this.#encoder = new IncrementalEncoder((text) => draft.encode(text));
    this.#toDraft = specialTokens(target, draft);
    this.#toTarget = specialTokens(draft, target);
  }

  /** The committed tokens in the draft's vocabulary, but for an unfinished character at the end. Changes with `read`. */
  get draftTokens(): readonly number[] {
    return this.#encoder.tokens;
  }

  /** How many of the draft's tokens are final. */
  get settledLength(): number {
    return this.#encoder.settledLength;
  }

  /** Committed tokens that are new. */
  read(tokens: readonly number[]): void {
    if (this.#isEmpty && tokens.length > 0) this.#begin(tokens[0]!);
    let bytes: number[] = [...this.#held];
    const flush = () => {
      this.#append(Uint8Array.from(bytes));
      bytes = [...this.#held];
    };
    for (const token of tokens) {
      const name = this.target.specialName(token);
      if (name === undefined) for (const byte of this.target.bytesOf(token)) bytes.push(byte);
      else {
        flush();
        bytes = [];
        this.#endText(this.#toDraft(token, name));
      }
    }
    flush();
  }

  /**
   * What the draft drafted behind `draftTokens`, in the target's tokens.
   * @param confidences One a drafted token, or none.
   */
  translate(drafted: ArrayLike<number>, confidences: ArrayLike<number>, maxTokens: number): TranslatedDraft {
    const text = bytesOfDraft(drafted, this.draft);
    const tokens = continueText(this.target, { tail: this.#tail, held: this.#held }, text.bytes);
    const ends = endsOf(tokens, this.#held.length, this.target);
    this.#addEnd(tokens, ends, text, drafted);
    return {
      tokens: tokens.slice(0, maxTokens),
      confidences: confidencesOf(text.starts, confidences, ends).slice(0, maxTokens),
    };
  }

  /** If the draft foresees the end and all text before it could be translated. */
  #addEnd(
    tokens: number[],
    ends: number[],
    { bytes, special }: DraftedText,
    drafted: ArrayLike<number>,
  ): void {
    if (special === undefined || (ends.at(-1) ?? this.#held.length) !== bytes.length) return;
    const end = this.#toTarget(drafted[special.index]!, special.name);
    if (end === undefined) return;
    tokens.push(end);
    ends.push(Number.POSITIVE_INFINITY);
  }

  #begin(first: number): void {
    this.#isEmpty = false;
    const { bosTokenId, startsWithBos } = this.draft;
    const name = this.target.specialName(first);
    const hasOne = name !== undefined && this.#toDraft(first, name) === bosTokenId;
    if (startsWithBos && !hasOne) this.#encoder.put(bosTokenId);
  }

  #append(bytes: Uint8Array): void {
    const whole = bytes.length - unfinishedLength(bytes);
    this.#held = bytes.slice(whole);
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, whole));
    this.#encoder.append(text);
    this.#tail = lastWords(this.#tail + text);
  }

  #endText(token: number | undefined): void {
    this.#held = new Uint8Array(0);
    this.#tail = '';
    this.#encoder.put(token);
  }
}

/** The end of a text, from the beginning of a word on if there is one. */
function lastWords(text: string): string {
  if (text.length <= TAIL) return text;
  const word = text.slice(-TAIL, -TAIL / 2).search(/(?<=\p{L}) /u);
  if (word >= 0) return text.slice(word - TAIL);
  return text.slice(-LONGEST_TAIL).replace(/^[\udc00-\udfff]/, '');
}

/** Where each token ends in the drafted text, in bytes. @param start Where the first begins. */
function endsOf(tokens: readonly number[], start: number, target: Codec): number[] {
  let end = start;
  return tokens.map((token) => {
    end += target.bytesOf(token).length;
    return end;
  });
}
