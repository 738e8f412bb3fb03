// What rounds cost, learned from rounds: milliseconds of drafting n tokens, and of the rest of a round that verifies n
// drafted tokens. Shared by all generations of one model pair and draft source.
import { FadingLine } from './line.js';
import { SharedCosts, type SharedRound } from './shared-costs.js';

export interface RoundTimes extends SharedRound {
  readonly drafted: number;
  /** Milliseconds until the proposal was there; 0 in a plain round. */
  readonly draftMs: number;
  /** Milliseconds of the rest of the round. */
  readonly restMs: number;
}

/** Rounds that count; about a second of one generation. */
const KEEP = 0.99;
/** What a round may cost beyond the learned law before it counts as disturbed (another generation's forward, a pause). */
const OUTLIER = 3;

export class RoundCosts {
  readonly #draft: FadingLine;
  /** Where sessions share the target: an answer is read between two forwards then, and drafts stand in line. */
  readonly #sharedDraft: FadingLine;
  readonly #rest: FadingLine;
  readonly #plain: FadingLine;
  readonly #shared = new SharedCosts();
  #hasPlain = false;

  /** Guesses until measured: a draft token takes a tenth of a plain round or nothing, a verified one an eighth. */
  constructor({ plainMs = 10, isFree = false } = {}) {
    const law = (fixed: number, each: number) => [1, 4].map((x) => ({ x, y: plainMs * (fixed + each * x) }));
    this.#draft = new FadingLine(KEEP, isFree ? law(0, 0) : law(0.1, 0.1));
    this.#sharedDraft = new FadingLine(KEEP, isFree ? law(0, 0) : law(0.1, 0.1));
    this.#rest = new FadingLine(KEEP, law(1, 0.125));
    this.#plain = new FadingLine(KEEP, [{ x: 0, y: plainMs }]);
  }

  observe(round: RoundTimes): void {
    const { drafted, draftMs, restMs } = round;
    this.#shared.observe(round);
    if (drafted > 0) {
      const chargedMs = this.#shared.absence * draftMs;
      this.#draftLine.add({ x: drafted, y: Math.min(chargedMs, OUTLIER * this.draftMs(drafted)) });
    }
    // What rounds cost a session alone must not be forgotten in busy times.
    if (this.#shared.isShared) return;
    if (drafted === 0) {
      this.#plain.add({ x: 0, y: this.#hasPlain ? Math.min(restMs, OUTLIER * this.plainMs) : restMs });
      this.#hasPlain = true;
      return;
    }
    this.#rest.add({ x: drafted, y: Math.min(restMs, OUTLIER * this.restMs(drafted)) });
  }

  /** A plain round. Until one was seen: what a round without its drafted tokens would take. */
  get plainMs(): number {
    if (this.#shared.isShared) return this.#shared.plainMs;
    return this.#hasPlain ? this.#plain.at(0) : this.#rest.at(0);
  }

  draftMs(tokens: number): number {
    return this.#draftLine.at(tokens);
  }

  restMs(tokens: number): number {
    if (this.#shared.isShared) return this.#shared.plainMs + this.#shared.tokenMs * tokens;
    return this.#rest.at(tokens);
  }

  /** A round that drafts and verifies so many tokens, at least one. */
  roundMs(tokens: number): number {
    return this.draftMs(tokens) + this.restMs(tokens);
  }

  /** What one more drafted token adds to a round. */
  get tokenMs(): number {
    return this.#draftLine.slope + (this.#shared.isShared ? this.#shared.tokenMs : this.#rest.slope);
  }

  get isShared(): boolean {
    return this.#shared.isShared;
  }

  /** A round as it counts: its time, and what it cost other sessions where they share the target. */
  chargedMs(round: RoundTimes): number {
    return this.#shared.absence * round.draftMs + this.#shared.chargedMs(round);
  }

  get #draftLine(): FadingLine {
    return this.#shared.isShared ? this.#sharedDraft : this.#draft;
  }
}
