// A verifier: one forward after the other, each over the rounds and prompts that wait, within a budget of rows; a prompt that
// is longer is read in parts. Who shares a forward is decided by the very queue that verifiers use.
import { FairQueue } from '#libs/scheduling/index.js';
import type { TimedVerdict } from '#libs/speculative/index.js';
import type { Clock } from './clock.js';
import type { Curves } from './curves.js';
import type { Device } from './device.js';

/** What a round learns of its verification. */
export type Verified = Required<
  Pick<TimedVerdict, 'computeMs' | 'waitMs' | 'batchSize' | 'batchTokens' | 'batchRows'>
>;

interface Waiting {
  numTokens: number;
  readonly numRows: number;
  readonly claim: object;
  readonly arrivedMs: number;
  computeMs: number;
  readonly done: (verified: Verified) => void;
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

/** As verifiers have it. */
const AGING_MS = 200;

export class VerifierServer {
  readonly #waiting: FairQueue<Waiting>;
  /** What else its thread is to take note of, or to do. */
  readonly #others: { readonly ms: number; readonly done: () => void }[] = [];
  #isBusy = false;
  forwards = 0;
  slots = 0;

  constructor(
    private readonly clock: Clock,
    private readonly device: Device,
    private readonly curves: Curves,
    private readonly options: VerifierOptions,
  ) {
    this.#waiting = new FairQueue({ now: () => clock.nowMs, agingMs: AGING_MS });
  }

  /** @param isPrompt Logits are wanted of the last row only, so that it may be read in parts. */
  verify(rows: number, isPrompt: boolean, done: (verified: Verified) => void): void {
    const numRows = isPrompt ? 1 : rows;
    this.#waiting.add({
      numTokens: rows,
      numRows,
      claim: {},
      arrivedMs: this.clock.nowMs,
      computeMs: 0,
      done,
    });
    this.#wake();
  }

  /** Between two forwards. */
  whenFree(done: () => void): void {
    if (this.#isBusy) this.#others.push({ ms: 0, done });
    else done();
  }

  /** Work of another kind, for which forwards wait. */
  occupy(ms: number, done: () => void): void {
    this.#others.push({ ms, done });
    this.#wake();
  }

  /** Whoever comes at the same moment shares the forward. */
  #wake(): void {
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.clock.after(0, () => this.#next());
  }

  #next(): void {
    const other = this.#others.shift();
    if (other !== undefined) {
      const done = () => {
        other.done();
        this.clock.after(0, () => this.#next());
      };
      if (other.ms === 0) done();
      else this.device.run(other.ms, 1, done);
      return;
    }
    this.#isBusy = this.#waiting.size > 0;
    if (this.#isBusy) this.#forward();
  }

  #forward(): void {
    const { maxRows, maxSlots, threads, isMeasuredInCompany } = this.options;
    const parts = this.#waiting
      .take({ tokens: maxRows, slots: maxSlots })
      .map(({ job, numTokens }) => ({ waiting: job, rows: numTokens }));
    this.forwards++;
    this.slots += parts.length;
    const { curves, device, clock } = this;
    const rows = sum(parts.map((part) => part.rows));
    const beganMs = clock.nowMs;
    // Judging is done by the thread that runs the forwards.
    const judge = () => {
      const computeMs = clock.nowMs - beganMs;
      device.run(curves.verifyOverheadMs * logitRows(parts), 1, () => this.#judged(parts, computeMs));
    };
    device.run(curves.forwardMs(rows, parts.length), threads, judge, isMeasuredInCompany);
  }

  #judged(parts: readonly Part[], computeMs: number): void {
    const forward = {
      batchSize: parts.length,
      batchTokens: sum(parts.map(({ rows }) => rows)),
      batchRows: logitRows(parts),
    };
    for (const { waiting, rows } of parts) {
      waiting.numTokens -= rows;
      waiting.computeMs += computeMs;
      if (waiting.numTokens > 0) {
        this.#waiting.add(waiting);
        continue;
      }
      const waitMs = Math.max(0, this.clock.nowMs - waiting.arrivedMs - waiting.computeMs);
      waiting.done({ ...forward, computeMs: waiting.computeMs, waitMs });
    }
    // Those who are told may want to know more at once.
    this.clock.after(0, () => this.#next());
  }
}

/** Of a prompt only its last part has one. */
function logitRows(parts: readonly Part[]): number {
  return sum(parts.map(({ waiting, rows }) => (waiting.numTokens === rows ? waiting.numRows : 0)));
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
