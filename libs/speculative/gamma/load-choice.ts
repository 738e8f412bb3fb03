// Whether drafts that cost time pay while sessions share a target. A session that waits for its draft misses forwards, a
// draft on the same cores slows them down, and what it reads of prompts nobody else may need: all of it is paid for by
// others, in rounds that say nothing of why. So it is measured instead of reckoned: blocks of rounds with and without such
// drafts, in turn, and until that is done there are none. What pays at four sessions needn't at thirty: each load has its
// own verdict.
import type { RoundOutcome } from '../round.js';
import { ForwardTimes } from './forward-times.js';
import { forwardsOf, SHARED } from './target-load.js';

/** One for all generations that have a choice between the same sources. */
export interface LoadPolicy {
  /** Sessions share the target at present. */
  readonly isShared: boolean;
  /** Whether drafts that cost time may be asked for. */
  readonly isOn: boolean;
  /** @param wasOn When the round began. */
  observe(outcome: RoundOutcome, wasOn: boolean): void;
  /** A draft was waited for in vain. */
  lose(ms: number): void;
}

export const NO_LOAD: LoadPolicy = { isShared: false, isOn: true, observe: () => {}, lose: () => {} };

/** Weight of what is known of the load when the next round of any session comes. */
const KEEP_LOAD = 0.95;
/** Rounds of each session in a block of one kind. At first drafts read what they have missed: those don't count. */
const BLOCK = { settling: 8, counted: 16 };
/** Fewer rounds in all say too little, and more sessions than that only make it take longer. */
const COUNTED_LEAST = 48;
const MOST_SESSIONS = 16;
/** Pairs of blocks, and what settles it before the last. */
const TRIAL_PAIRS = 3;
const CLEAR = { worse: 0.85, better: 1.2 };
/** Rounds of each session between two trials: before the first, behind it, and most. */
const TRIAL_AFTER = { first: 2, second: 1024, most: 16_384 };
/** What an earlier trial counts for beside the next. */
const KEEP = 0.5;
/** On from this many times the tokens a millisecond without; off again only below as many. */
const WORTHWHILE = 1.03;
/** Loads beyond are alike: forwards are full. */
const MOST_LEVEL = 4;
/** How far the load, as a power of two, leaves its level's middle before another level counts. */
const HYSTERESIS = 0.75;
/** No single round says more: it may have waited for something else. */
const MOST_COUNTED = 256;

/** What rounds of one kind brought, and took. */
class Arm {
  #tokens = 0;
  #ms = 0;

  add(tokens: number, ms: number): void {
    this.#tokens += tokens;
    this.#ms += ms;
  }

  fade(): void {
    this.#tokens *= KEEP;
    this.#ms *= KEEP;
  }

  get rate(): number {
    return this.#tokens / this.#ms;
  }
}

/** The verdict for one load. */
class Level {
  readonly #with = new Arm();
  readonly #without = new Arm();
  #settledOn = false;
  #trialAfter: number = TRIAL_AFTER.first;
  /** Since the last trial, or in this block of one. */
  #rounds = 0;
  /** Blocks of the trial under way that are done; undefined without one. */
  #blocks: number | undefined;

  get isOn(): boolean {
    return this.#blocks === undefined ? this.#settledOn : this.#blocks % 2 === 1;
  }

  add(tokens: number, ms: number, load: number): void {
    const sessions = Math.min(MOST_SESSIONS, load);
    this.#rounds++;
    if (this.#blocks === undefined) {
      if (this.#rounds >= this.#trialAfter * sessions) this.#begin();
      return;
    }
    const counted = this.#rounds - BLOCK.settling * sessions;
    if (counted <= 0) return;
    (this.isOn ? this.#with : this.#without).add(tokens, ms);
    if (counted < Math.max(COUNTED_LEAST, BLOCK.counted * sessions)) return;
    this.#rounds = 0;
    this.#blocks++;
    if (this.#blocks % 2 === 0) this.#judge(this.#blocks === 2 * TRIAL_PAIRS);
  }

  lose(ms: number): void {
    if (this.#blocks !== undefined) this.#with.add(0, ms);
  }

  #begin(): void {
    this.#with.fade();
    this.#without.fade();
    this.#rounds = 0;
    this.#blocks = 0;
  }

  #judge(isLast: boolean): void {
    const gain = this.#with.rate / this.#without.rate;
    if (!isLast && gain > CLEAR.worse && gain < CLEAR.better) return;
    const isOn = gain > (this.#settledOn ? 1 : WORTHWHILE);
    const after = isOn === this.#settledOn ? 2 * this.#trialAfter : 0;
    this.#trialAfter = Math.min(TRIAL_AFTER.most, Math.max(TRIAL_AFTER.second, after));
    this.#settledOn = isOn;
    this.#blocks = undefined;
  }
}

export class LoadChoice implements LoadPolicy {
  readonly #times = new ForwardTimes();
  readonly #levels = Array.from({ length: MOST_LEVEL + 1 }, () => new Level());
  #load = 1;
  /** Its logarithm, to be changed only by a change that lasts. */
  #size = 0;

  /** @param running Generations of the target, at present. What rounds have said of the load may be over. */
  constructor(private readonly running: () => number = () => Number.POSITIVE_INFINITY) {}

  get isShared(): boolean {
    return this.#load >= SHARED && this.running() > 1;
  }

  get isOn(): boolean {
    return !this.isShared || this.#level.isOn;
  }

  observe({ accepted, draftMs, restMs, load }: RoundOutcome, wasOn: boolean): void {
    if (load === undefined || load.computeMs <= 0 || restMs <= 0) return;
    const { batchSize = 1, batchTokens = 1 } = load;
    this.#times.observe(batchTokens, load.computeMs);
    // Those others that wait for their drafts are sessions too.
    const sessions = 1 + ((batchSize * forwardsOf(load) - 1) * (draftMs + restMs)) / restMs;
    this.#load = KEEP_LOAD * this.#load + (1 - KEEP_LOAD) * Math.min(sessions, MOST_COUNTED);
    const size = Math.log2(this.#load);
    if (Math.abs(size - this.#size) > HYSTERESIS) this.#size = Math.round(size);
    // A round that began before the last change is of neither kind.
    if (!this.isShared || wasOn !== this.isOn) return;
    // What prompts take is no round's doing: faster rounds bring the next prompts sooner.
    const ms = draftMs + restMs - this.#times.promptMs(restMs, load);
    this.#level.add(accepted + 1, ms, this.#load);
  }

  lose(ms: number): void {
    if (this.isShared) this.#level.lose(ms);
  }

  get #level(): Level {
    return this.#levels[Math.min(MOST_LEVEL, this.#size)]!;
  }
}
