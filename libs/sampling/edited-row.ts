// A row of logits that is copied when it is first written, so that rows which nothing applies to cost no copy. Tokens
// that the row lacks are ignored: the prompt may hold tokens that a draft's reduced head cannot draft. A logit that is
// not finite is never overwritten: it comes from a broken model, and the row must be refused later.
import { FORBIDDEN, LOWEST_ALLOWED } from './logits.js';

export class EditedRow {
  #values: Float32Array;
  #isCopy = false;
  #forbids = false;

  /**
   * @param scratch Where the copy lives, else it is allocated. [≥ logits.length]
   * @param indexOf Index of a token in the row; anything that is no index for a token that the row lacks.
   */
  constructor(
    logits: Float32Array,
    private readonly scratch: Float32Array | undefined,
    private readonly indexOf: (token: number) => number,
  ) {
    this.#values = logits;
  }

  /** The row itself if nothing was written. */
  get values(): Float32Array {
    return this.#values;
  }

  /** True if tokens were forbidden and none is left. */
  get isEmpty(): boolean {
    return this.#forbids && this.#values.every((value) => value === FORBIDDEN);
  }

  add(token: number, amount: number): void {
    const index = this.indexOf(token);
    const logit = this.#values[index];
    if (logit !== undefined && amount !== 0) this.#set(index, logit + amount);
  }

  /** The rule of CTRL (arXiv 1909.05858) for positive logits, mirrored for the others so that they sink too. */
  weaken(token: number, penalty: number): void {
    const index = this.indexOf(token);
    const logit = this.#values[index];
    if (logit !== undefined) this.#set(index, logit > 0 ? logit / penalty : logit * penalty);
  }

  forbid(token: number): void {
    const index = this.indexOf(token);
    if (!Number.isFinite(this.#values[index])) return;
    this.#own()[index] = FORBIDDEN;
    this.#forbids = true;
  }

  /** By index, not by token. Bit b of word w: index 32 · w + b stays allowed. What lies beyond the mask is forbidden. */
  forbidOutside(mask: Int32Array): void {
    if (!isFiniteRow(this.#values)) return;
    const values = this.#own();
    for (let i = 0; i < values.length; i++)
      if ((((mask[i >>> 5] ?? 0) >>> (i & 31)) & 1) === 0) values[i] = FORBIDDEN;
    this.#forbids = true;
  }

  /** A finite logit stays finite and allowed. */
  #set(index: number, value: number): void {
    const values = this.#own();
    if (Number.isFinite(values[index]))
      values[index] = Math.max(LOWEST_ALLOWED, Math.min(-LOWEST_ALLOWED, value));
  }

  #own(): Float32Array {
    if (this.#isCopy) return this.#values;
    const copy = this.scratch?.subarray(0, this.#values.length) ?? new Float32Array(this.#values.length);
    copy.set(this.#values);
    this.#values = copy;
    this.#isCopy = true;
    return copy;
  }
}

function isFiniteRow(values: Float32Array): boolean {
  let taint = 0;
  for (let i = 0; i < values.length; i++) taint += values[i]! * 0;
  return taint === 0;
}
