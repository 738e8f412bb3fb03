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

/** A first round reads the prompt, and may queue before it. */
export type RoundKind = keyof typeof FLOOR_MS;

interface Recent {
  readonly ms: number[];
  next: number;
}

export class RoundPace {
  /** By endpoint and kind, in order of use. */
  readonly #recent = new Map<string, Recent>();

  /** @param mostMs Patience with a verifier of which little is known, and the most with any. */
  constructor(readonly mostMs: number) {}

  /** Milliseconds. */
  patienceWith(endpoint: string, kind: RoundKind): number {
    const ms = this.#recent.get(`${kind} ${endpoint}`)?.ms ?? [];
    if (ms.length < FEWEST) return this.mostMs;
    return Math.min(this.mostMs, Math.max(FLOOR_MS[kind], FACTOR * Math.max(...ms)));
  }

  /** @param ms Of a round, or of the silence that was too long: patience grows with it, in case it was only busy. */
  observe(endpoint: string, kind: RoundKind, ms: number): void {
    const key = `${kind} ${endpoint}`;
    const recent = this.#recent.get(key) ?? { ms: [], next: 0 };
    recent.ms[recent.next] = ms;
    recent.next = (recent.next + 1) % REMEMBERED;
    this.#recent.delete(key);
    this.#recent.set(key, recent);
    if (this.#recent.size <= 2 * MOST_VERIFIERS) return;
    for (const oldest of this.#recent.keys()) return void this.#recent.delete(oldest);
  }
}
