// Whether it pays that the draft works ahead while the target verifies. On a device of its own the draft's time then costs
// nothing; on shared cores the target pays for it. Neither is known beforehand, so both are tried side by side, now and
// then: blocks of rounds with and without, in turn, so that a drifting machine disturbs both alike.
import type { RoundOutcome } from '../round.js';
import { RoundCosts } from './round-costs.js';

export type RoundTimes = Pick<RoundOutcome, 'drafted' | 'draftMs' | 'restMs'>;

/** One for all generations of a model pair. */
export interface AheadPolicy {
  readonly isOn: boolean;
  /** @param wasOn Whether this round and the one before it were of that kind; a round between the two kinds says nothing. */
  observe(times: RoundTimes, wasOn: boolean): void;
}

export const ALWAYS_AHEAD: AheadPolicy = { isOn: true, observe: () => {} };

/** Rounds of one kind before the other has its turn, and how many turns of both a trial has. */
const BLOCK_ROUNDS = 4;
const TRIAL_BLOCKS = 16;
/** Rounds between two trials: first and most. */
const TRIAL_AFTER = { first: 16, most: 1024 };
/** What an earlier trial counts for beside the next. */
const KEEP = 0.5;
/** On below this share of the time without; off again only where it takes longer than without. */
const WORTHWHILE = 0.97;
/** A round that took longer than so many usual ones was disturbed by something else. */
const OUTLIER = 3;

/** Time of rounds, in units of what a round of that length usually takes. */
class Shares {
  #sum = 0;
  #count = 0;

  add(share: number): void {
    this.#sum += share;
    this.#count++;
  }

  fade(): void {
    this.#sum *= KEEP;
    this.#count *= KEEP;
  }

  get mean(): number {
    return this.#sum / this.#count;
  }
}

export class AheadChoice implements AheadPolicy {
  readonly #costs = new RoundCosts();
  readonly #on = new Shares();
  readonly #off = new Shares();
  #settledOn = false;
  #trialAfter = TRIAL_AFTER.first;
  /** Since the last trial, or in this block of one. */
  #rounds = 0;
  /** Blocks of the trial under way that are done; undefined without one. */
  #blocks: number | undefined;

  get isOn(): boolean {
    return this.#blocks === undefined ? this.#settledOn : this.#blocks % 2 === 0;
  }

  observe(times: RoundTimes, wasOn: boolean): void {
    const { drafted, draftMs, restMs } = times;
    const usualMs = this.#costs.draftMs(drafted) + this.#costs.restMs(drafted);
    this.#costs.observe(times);
    if (wasOn !== this.isOn) return;
    this.#rounds++;
    if (this.#blocks === undefined) {
      if (this.#rounds >= this.#trialAfter) this.#begin();
      return;
    }
    (wasOn ? this.#on : this.#off).add(Math.min(OUTLIER, (draftMs + restMs) / usualMs));
    if (this.#rounds < BLOCK_ROUNDS) return;
    this.#rounds = 0;
    this.#blocks++;
    if (this.#blocks === TRIAL_BLOCKS) this.#settle();
  }

  #begin(): void {
    this.#on.fade();
    this.#off.fade();
    this.#rounds = 0;
    this.#blocks = 0;
  }

  #settle(): void {
    const bound = this.#settledOn ? 1 : WORTHWHILE;
    this.#settledOn = this.#on.mean < bound * this.#off.mean;
    this.#blocks = undefined;
    this.#trialAfter = Math.min(4 * this.#trialAfter, TRIAL_AFTER.most);
  }
}
