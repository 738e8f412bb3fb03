// A verifier: one forward after the other, each over the rounds and prompts that wait, within a budget of rows; a prompt that
// is longer is read in parts. Who shares a forward is decided by the very queue that verifiers use.
import { FairQueue } from '#libs/scheduling/index.js';
import type { Clock } from './clock.js';
import type { Curves } from './curves.js';
import type { Device } from './device.js';

/** What a round learns of its verification. */
export interface Verified {
  /** When the thread took note of it: between two forwards. */
  readonly seenMs: number;
  readonly load: {
    readonly computeMs: number;
    readonly waitMs: number;
    readonly batchSize: number;
    readonly batchTokens: number;
    readonly batchRows: number;
  };
}

interface Waiting {
  numTokens: number;
  readonly numRows: number;
  readonly claim: object;
  readonly arrivedMs: number;
  seenMs: number;
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
  #isBusy = false;
  /** When the last forward ended. */
  #freeMs = 0;
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
    const arrivedMs = this.clock.nowMs;
    const numRows = isPrompt ? 1 : rows;
    this.#waiting.add({
      numTokens: rows,
      numRows,
      claim: {},
      arrivedMs,
      seenMs: Number.NaN,
      computeMs: 0,
      done,
    });
    if (!this.#isBusy) this.#forward();
  }

  #forward(): void {
    const nowMs = this.clock.nowMs;
    for (const each of this.#waiting.jobs())
      if (Number.isNaN(each.seenMs)) each.seenMs = Math.max(each.arrivedMs, this.#freeMs);
    const { maxRows, maxSlots, threads, isMeasuredInCompany } = this.options;
    const parts = this.#waiting
      .take({ tokens: maxRows, slots: maxSlots })
      .map(({ job, numTokens }) => ({ waiting: job, rows: numTokens }));
    this.#isBusy = parts.length > 0;
    if (!this.#isBusy) return;
    this.forwards++;
    this.slots += parts.length;
    const { curves, device } = this;
    const rows = sum(parts.map((part) => part.rows));
    const judged = () => this.#judged(parts, this.clock.nowMs - nowMs);
    // Judging is done by the thread that runs the forwards.
    const judge = () => device.run(curves.verifyOverheadMs * parts.length, 1, judged);
    device.run(curves.forwardMs(rows, parts.length), threads, judge, isMeasuredInCompany);
  }

  #judged(parts: readonly Part[], computeMs: number): void {
    this.#freeMs = this.clock.nowMs;
    const isLast = ({ waiting, rows }: Part) => waiting.numTokens === rows;
    const load = {
      computeMs,
      batchSize: parts.length,
      batchTokens: sum(parts.map(({ rows }) => rows)),
      batchRows: sum(parts.map((part) => (isLast(part) ? part.waiting.numRows : 0))),
    };
    const done: Waiting[] = [];
    for (const { waiting, rows } of parts) {
      waiting.numTokens -= rows;
      waiting.computeMs += computeMs;
      if (waiting.numTokens <= 0) done.push(waiting);
      else this.#waiting.add(waiting);
    }
    for (const { seenMs, computeMs: ownMs, done: tell } of done) {
      const waitMs = Math.max(0, this.clock.nowMs - seenMs - ownMs);
      tell({ seenMs, load: { ...load, waitMs } });
    }
    this.#forward();
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
