// What a round costs where sessions share a target. A drafted token then makes the forward longer for everybody who waits
// for it, so it is charged once for each of them: what is best for all is also what each one chooses. Shared times are
// learned apart from those of a session alone: load comes and goes.
import type { TargetLoad } from '../round.js';
import { ForwardTimes } from './forward-times.js';
import { forwardsOf, SHARED } from './target-load.js';

export interface SharedRound {
  readonly drafted: number;
  /** Milliseconds from the proposal to the verdict, waiting included. */
  readonly restMs: number;
  /** Without it a round says nothing about load. */
  readonly load?: TargetLoad;
}

/** Weight of what is known when the next round of any session comes. */
const KEEP = 0.9;

export class SharedCosts {
  readonly #times = new ForwardTimes();
  #load = 1;
  #plainMs = 0;
  #absence = 1;

  observe(round: SharedRound): void {
    const { restMs, load } = round;
    if (load === undefined || load.computeMs <= 0) return;
    const { computeMs, batchSize = 1, batchTokens = 1 } = load;
    this.#times.observe(batchTokens, computeMs);
    this.#load = faded(this.#load, batchSize * forwardsOf(load));
    const fixedMs = Math.max(0, computeMs - this.#times.tokenMs * batchTokens);
    this.#absence = faded(this.#absence, fixedMs / computeMs / forwardsOf(load));
    const least = (restMs * batchSize) / batchTokens;
    const plainMs = Math.max(least, this.chargedMs(round) - this.tokenMs * round.drafted);
    this.#plainMs = this.#plainMs === 0 ? plainMs : faded(this.#plainMs, plainMs);
  }

  get isShared(): boolean {
    return this.#load >= SHARED;
  }

  /** A round if nobody drafted. */
  get plainMs(): number {
    return this.#plainMs;
  }

  /** What a drafted token costs all sessions in their rounds. */
  get tokenMs(): number {
    return this.#load * this.#times.tokenMs;
  }

  /**
   * What all lose of each millisecond in which a session waits for its draft: their forwards carry less, but are shorter by as
   * much; and where others wait for a place, it is not missed at all. 0 to 1.
   */
  get absence(): number {
    return this.isShared ? this.#absence : 1;
  }

  /**
   * What the round would have taken had all sessions drafted as much as this one, and none come with a prompt: prompts come
   * with requests, so that faster rounds don't save any.
   */
  chargedMs({ drafted, restMs, load }: SharedRound): number {
    if (load === undefined || !this.isShared) return restMs;
    const { batchSize = 1, batchRows = 1 + drafted } = load;
    const draftedByAll = Math.max(0, batchRows - batchSize) * forwardsOf(load);
    const othersMs = this.#times.promptMs(restMs, load) + this.#times.tokenMs * draftedByAll;
    return restMs + this.tokenMs * drafted - othersMs;
  }
}

function faded(known: number, now: number): number {
  return KEEP * known + (1 - KEEP) * now;
}
