// How long a verifier's rounds take, as far as this gateway has seen, and so how long its silence may last before it
// counts as hung: a process that is stopped or stuck keeps its connection, and nothing else would tell.

/** Rounds remembered of each verifier, and fewest that say something. */
const REMEMBERED = 64;
const FEWEST = 16;
/** Times the longest of them. */
const FACTOR = 10;
/** A verifier reads others' prompts, collects garbage, shares its machine: shorter silence says nothing. */
const FLOOR_MS = { first: 15_000, later: 5_000 };
const MOST_VERIFIERS = 256;

/** Of one verifier. A first round reads the prompt, and may queue before it. */
export interface VerifierPace {
  readonly first: RecentRounds;
  readonly later: RecentRounds;
}

export class RoundPace {
  /** By endpoint, in order of use. */
  readonly #verifiers = new Map<string, VerifierPace>();

  /** @param mostMs Patience with a verifier of which little is known, and the most with any. */
  constructor(readonly mostMs: number) {}

  with(endpoint: string): VerifierPace {
    const pace = this.#verifiers.get(endpoint) ?? {
      first: new RecentRounds(FLOOR_MS.first, this.mostMs),
      later: new RecentRounds(FLOOR_MS.later, this.mostMs),
    };
    this.#verifiers.delete(endpoint);
    this.#verifiers.set(endpoint, pace);
    if (this.#verifiers.size > MOST_VERIFIERS)
      for (const oldest of this.#verifiers.keys()) {
        this.#verifiers.delete(oldest);
        break;
      }
    return pace;
  }
}

export class RecentRounds {
  readonly #ms: number[] = [];
  #next = 0;
  #longestMs = 0;

  constructor(
    private readonly floorMs: number,
    private readonly mostMs: number,
  ) {}

  get patienceMs(): number {
    if (this.#ms.length < FEWEST) return this.mostMs;
    return Math.min(this.mostMs, Math.max(this.floorMs, FACTOR * this.#longestMs));
  }

  /** @param ms Of a round, or of the silence that was too long: patience grows with it, in case it was only busy. */
  observe(ms: number): void {
    const forgotten = this.#ms[this.#next];
    this.#ms[this.#next] = ms;
    this.#next = (this.#next + 1) % REMEMBERED;
    if (ms >= this.#longestMs) this.#longestMs = ms;
    else if (forgotten === this.#longestMs) this.#longestMs = Math.max(...this.#ms);
  }
}
