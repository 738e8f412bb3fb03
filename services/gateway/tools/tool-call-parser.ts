// Tells calls from text in an answer that comes in pieces; how it is cut makes no difference to what comes out.
// Nothing throws: what begins like a call and is none comes out as text, whole. White space around calls is dropped.
import { type AnswerPiece, AnswerPieces } from './answer-piece.js';
import { CallBlock } from './call-block.js';
import type { CallSyntax } from './call-syntax.js';
import { isJsonSpace } from './json-value.js';
import { TagSearch } from './tag-search.js';

/** A block in which no call was found so far counts as text when it gets longer. */
const MAX_HELD = 64 * 1024;
/** Longer blocks that were no call are not searched for calls inside them: that could take quadratic time. */
const MAX_SEARCHED_AGAIN = 4 * 1024;

export interface ToolCallParserOptions {
  readonly syntax: CallSyntax;
  /** Functions that may be called; a call of another one is text. */
  readonly names: ReadonlySet<string>;
  readonly newId: () => string;
}

export class ToolCallParser {
  readonly #search: TagSearch;
  readonly #pieces: AnswerPieces;
  #block: CallBlock | undefined;
  /** What opened the block: the tag and the white space before it. */
  #opening = '';
  /** The rest of the block, until a call was found in it. */
  #held = '';

  constructor(private readonly options: ToolCallParserOptions) {
    this.#pieces = new AnswerPieces(options.newId);
    this.#search = new TagSearch(options.syntax.open);
    if (options.syntax.open === '') this.#block = this.#newBlock();
  }

  /** There were calls and all of them are complete. */
  get hasCalls(): boolean {
    const { numCalls, numComplete } = this.#pieces;
    return numCalls > 0 && numCalls === numComplete;
  }

  push(text: string): readonly AnswerPiece[] {
    this.#read(text);
    return this.#pieces.take();
  }

  /** What is left when no more text comes. */
  flush(): readonly AnswerPiece[] {
    while (this.#block !== undefined && !this.#block.hasCall) this.#read(this.#giveUp());
    this.#block?.leave();
    this.#block = undefined;
    const rest = this.#search.flush();
    const isSpace = [...rest].every(isJsonSpace);
    if (!isSpace || !this.#pieces.endsInCall) this.#pieces.text(rest);
    return this.#pieces.take();
  }

  #newBlock(): CallBlock {
    this.#held = '';
    return new CallBlock(this.options.syntax, this.options.names, this.#pieces);
  }

  #read(text: string): void {
    let rest = text;
    while (rest !== '')
      rest = this.#block === undefined ? this.#readText(rest) : this.#readBlock(this.#block, rest);
  }

  /** Returns what is to be read next. */
  #readText(text: string): string {
    const found = this.#search.push(text);
    this.#pieces.text(found.text);
    if (found.opening === undefined) return '';
    this.#opening = found.opening;
    this.#block = this.#newBlock();
    return found.rest;
  }

  /** Returns what is to be read next. */
  #readBlock(block: CallBlock, text: string): string {
    for (let i = 0; i < text.length; i++) {
      const character = text[i]!;
      const progress = block.push(character);
      if (!block.hasCall) this.#held += character;
      if (progress === 'inside' && (block.hasCall || this.#held.length < MAX_HELD)) continue;
      const rest = text.slice(i + 1);
      if (!block.hasCall) return this.#giveUp() + rest;
      block.leave();
      this.#block = undefined;
      return progress === 'closed' ? rest : block.unread + character + rest;
    }
    return '';
  }

  /** The block was none: its opening is text, and so is the rest unless calls are found in it. */
  #giveUp(): string {
    this.#block = undefined;
    const isSearched = this.#held.length <= MAX_SEARCHED_AGAIN;
    this.#pieces.text(isSearched ? this.#opening : this.#opening + this.#held);
    return isSearched ? this.#held : '';
  }
}
