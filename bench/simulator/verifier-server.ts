// A verifier: one forward after the other, each over the rounds and prompts that wait, first come first served, within a
// budget of rows; a prompt that is longer is read in parts.
import type { Curves } from './curves.js';
import type { Device } from './device.js';

interface Waiting {
  left: number;
  readonly done: () => void;
}

interface Part {
  readonly waiting: Waiting;
  readonly rows: number;
}

export interface VerifierOptions {
  readonly threads: number;
  /** Sequences a forward at most. */
  readonly maxSlots: number;
  /** Rows a forward at most. */
  readonly maxRows: number;
  /** Forward times were measured with drafts, gateway and clients on the same machine, as they are here. Default false. */
  readonly isMeasuredInCompany?: boolean;
}

export class VerifierServer {
  readonly #waiting: Waiting[] = [];
  #isBusy = false;
  forwards = 0;
  slots = 0;

  constructor(
    private readonly device: Device,
    private readonly curves: Curves,
    private readonly options: VerifierOptions,
  ) {}

  verify(rows: number, done: () => void): void {
    this.#waiting.push({ left: rows, done });
    if (!this.#isBusy) this.#forward();
  }

  #forward(): void {
    const parts = this.#parts();
    this.#isBusy = parts.length > 0;
    if (!this.#isBusy) return;
    this.forwards++;
    this.slots += parts.length;
    const rows = parts.reduce((sum, part) => sum + part.rows, 0);
    const { curves, device, options } = this;
    const judged = () => this.#judged(parts);
    // Judging is done by the thread that runs the forwards.
    const judge = () => device.run(curves.verifyOverheadMs * parts.length, 1, judged);
    const { threads, isMeasuredInCompany } = options;
    device.run(curves.forwardMs(rows, parts.length), threads, judge, isMeasuredInCompany);
  }

  #judged(parts: readonly Part[]): void {
    const done: Waiting[] = [];
    for (const { waiting, rows } of parts) {
      waiting.left -= rows;
      if (waiting.left <= 0) done.push(waiting);
      else this.#waiting.push(waiting);
    }
    for (const each of done) each.done();
    this.#forward();
  }

  /** As the verifier's batcher shares rows out: so that nobody gets more while another lacks some. */
  #parts(): Part[] {
    const first = this.#waiting.splice(0, this.options.maxSlots).sort((a, b) => a.left - b.left);
    let room = this.options.maxRows;
    return first.flatMap((waiting, i) => {
      const rows = Math.min(waiting.left, Math.floor(room / (first.length - i)));
      room -= rows;
      if (rows > 0) return [{ waiting, rows }];
      this.#waiting.unshift(waiting);
      return [];
    });
  }
}
