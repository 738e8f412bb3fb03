// The calls between one pair of tags (or, where a form has no tags, all calls of an answer), character by character.
import type { AnswerPieces } from './answer-piece.js';
import { CallObject } from './call-object.js';
import type { CallSyntax } from './call-syntax.js';
import { isJsonSpace } from './json-value.js';

/** `closed`: this was the block's last character. `over`: it ended before `unread` and this one. `broken`: it is none. */
export type BlockProgress = 'inside' | 'closed' | 'over' | 'broken';

export class CallBlock {
  #call: CallObject | undefined;
  /** A call was announced and is not complete. */
  #callIsOpen = false;
  #hasCall = false;
  /** Of the closing tag. */
  #closing = '';
  /** What followed the arguments of the call. */
  #tail = '';

  constructor(
    private readonly syntax: CallSyntax,
    private readonly names: ReadonlySet<string>,
    private readonly pieces: AnswerPieces,
  ) {}

  /** A call was found: there is no way back. */
  get hasCall(): boolean {
    return this.#hasCall;
  }

  /** When the block is over: characters before the current one that do not belong to it. */
  get unread(): string {
    return this.#tail + this.#closing;
  }

  push(character: string): BlockProgress {
    return this.#call === undefined ? this.#between(character) : this.#inCall(this.#call, character);
  }

  /** No more of the block comes. */
  leave(): void {
    if (this.#callIsOpen) this.pieces.end(false);
    this.#callIsOpen = false;
  }

  #between(character: string): BlockProgress {
    const { close, between } = this.syntax;
    if (this.#hasCall && character === close[this.#closing.length]) {
      this.#closing += character;
      return this.#closing === close ? 'closed' : 'inside';
    }
    if (this.#closing !== '') return 'over';
    if (character === '{') {
      this.#call = new CallObject(this.names);
      return 'inside';
    }
    if (isJsonSpace(character) || between.includes(character)) return 'inside';
    return this.#hasCall ? 'over' : 'broken';
  }

  #inCall(call: CallObject, character: string): BlockProgress {
    const progress = call.push(character);
    if (call.called !== undefined) this.#send(call.called, call.takeArguments());
    if (progress === 'inside') {
      if (this.#callIsOpen && !call.hasOpenArguments) this.#tail += character;
      return 'inside';
    }
    this.#call = undefined;
    if (progress === 'broken') return this.#hasCall ? 'over' : 'broken';
    this.#callIsOpen = false;
    this.#tail = '';
    this.pieces.end(true);
    return 'inside';
  }

  #send(name: string, text: string): void {
    if (!this.#callIsOpen) this.pieces.call(name);
    this.#callIsOpen = this.#hasCall = true;
    this.pieces.arguments(text);
  }
}
