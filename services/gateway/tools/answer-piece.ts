// What an answer is made of once calls are told from text, in the order in which it comes.

export type AnswerPiece =
  | { readonly kind: 'text'; readonly text: string }
  /** A call begins. `index` counts the calls of the answer from 0. */
  | { readonly kind: 'call'; readonly index: number; readonly id: string; readonly name: string }
  /** More of the call's arguments: JSON text. */
  | { readonly kind: 'arguments'; readonly index: number; readonly text: string }
  /** The call is complete, or broken: the answer ended or went wrong in it. */
  | { readonly kind: 'end'; readonly index: number; readonly isBroken?: true };

/** Collects pieces; what belongs together becomes one. */
export class AnswerPieces {
  #pieces: AnswerPiece[] = [];
  #numCalls = 0;
  #numComplete = 0;
  #endsInCall = false;

  constructor(private readonly newId: () => string) {}

  get numCalls(): number {
    return this.#numCalls;
  }

  get numComplete(): number {
    return this.#numComplete;
  }

  /** The last piece of all was the end of a call. */
  get endsInCall(): boolean {
    return this.#endsInCall;
  }

  text(text: string): void {
    const last = this.#pieces.at(-1);
    if (text === '') return;
    this.#endsInCall = false;
    if (last?.kind === 'text') this.#pieces[this.#pieces.length - 1] = { ...last, text: last.text + text };
    else this.#pieces.push({ kind: 'text', text });
  }

  call(name: string): void {
    this.#pieces.push({ kind: 'call', index: this.#numCalls++, id: this.newId(), name });
  }

  /** Of the call that began last. */
  arguments(text: string): void {
    const last = this.#pieces.at(-1);
    if (text === '') return;
    if (last?.kind === 'arguments')
      this.#pieces[this.#pieces.length - 1] = { ...last, text: last.text + text };
    else this.#pieces.push({ kind: 'arguments', index: this.#numCalls - 1, text });
  }

  end(complete: boolean): void {
    if (complete) this.#numComplete++;
    this.#endsInCall = true;
    const index = this.#numCalls - 1;
    this.#pieces.push({ kind: 'end', index, ...(!complete && { isBroken: true }) });
  }

  take(): readonly AnswerPiece[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }
}
