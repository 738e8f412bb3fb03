// A draft service: steps the sequences it is asked about, so many at once, in turns.
import type { Curves } from './curves.js';

interface Proposing {
  left: number;
  isNew: boolean;
  readonly done: () => void;
}

/** Of a prompt, that one step reads. */
const PROMPT_STEP = 64;

export class DraftServer {
  readonly #proposing: Proposing[] = [];
  /** Tokens of prompts to be read, in turns with the steps. */
  readonly #prompts: { left: number; readonly done: () => void }[] = [];
  #readsNext = false;
  #isBusy = false;

  constructor(
    /** Takes so many milliseconds of the thread that it has, or shares. */
    private readonly run: (ms: number, done: () => void) => void,
    private readonly curves: Curves,
    /** Sequences a step. */
    private readonly batch: number,
  ) {}

  propose(tokens: number, done: () => void): void {
    this.#proposing.push({ left: tokens, isNew: true, done });
    if (!this.#isBusy) this.#step();
  }

  /** Reads a prompt's tokens. */
  read(tokens: number, done: () => void): void {
    this.#prompts.push({ left: tokens, done });
    if (!this.#isBusy) this.#step();
  }

  #readPiece(): void {
    this.#readsNext = false;
    const prompt = this.#prompts.shift()!;
    const piece = Math.min(prompt.left, PROMPT_STEP);
    prompt.left -= piece;
    this.#isBusy = true;
    this.run(this.curves.draftReadMs * piece, () => {
      if (prompt.left > 0) this.#prompts.push(prompt);
      else prompt.done();
      this.#step();
    });
  }

  #step(): void {
    if (this.#prompts.length > 0 && (this.#readsNext || this.#proposing.length === 0)) {
      this.#readPiece();
      return;
    }
    this.#readsNext = true;
    const stepped = this.#proposing.splice(0, this.batch);
    this.#isBusy = stepped.length > 0;
    if (!this.#isBusy) return;
    // Reading a request and answering it is charged to its first step.
    const newOnes = stepped.filter(({ isNew }) => isNew).length;
    const ms = this.curves.draftStepMs(stepped.length) + newOnes * this.curves.draftFixedMs;
    this.run(ms, () => {
      const done: Proposing[] = [];
      for (const each of stepped) {
        each.isNew = false;
        if (--each.left <= 0) done.push(each);
        else this.#proposing.push(each);
      }
      for (const each of done) each.done();
      this.#step();
    });
  }
}
