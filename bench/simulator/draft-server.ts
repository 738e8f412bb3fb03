// A draft service: steps the sequences it is asked about, so many at once, first come first served; one that has all its
// tokens makes room for the next.
import type { Curves } from './curves.js';
import type { Device } from './device.js';

interface Proposing {
  left: number;
  readonly done: () => void;
}

export class DraftServer {
  readonly #proposing: Proposing[] = [];
  #isBusy = false;

  constructor(
    private readonly device: Device,
    private readonly curves: Curves,
    /** Sequences a step; 1: one proposal after the other. */
    private readonly batch: number,
  ) {}

  propose(tokens: number, done: () => void): void {
    this.#proposing.push({ left: tokens, done });
    if (!this.#isBusy) this.#start();
  }

  #start(): void {
    this.#isBusy = true;
    // Reading the request and answering is done once a proposal, at its beginning here.
    this.device.run(this.curves.draftFixedMs, 1, () => this.#step());
  }

  #step(): void {
    const stepped = this.#proposing.slice(0, this.batch);
    this.device.run(this.curves.draftStepMs(stepped.length), 1, () => {
      const done: Proposing[] = [];
      for (const each of stepped) if (--each.left <= 0) done.push(each);
      for (const each of done) this.#proposing.splice(this.#proposing.indexOf(each), 1);
      if (this.#proposing.length === 0) this.#isBusy = false;
      else if (done.length > 0) this.#start();
      else this.#step();
      for (const each of done) each.done();
    });
  }
}
