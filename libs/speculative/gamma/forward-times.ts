// How long forwards take, by the tokens in them: means of classes of sizes, each of which is kept until forwards of that size
// come again. So a time in which all forwards are alike doesn't blur what one more token costs.
import type { TargetLoad } from '../round.js';
import { forwardsOf, promptTokensOf } from './target-load.js';

interface SizeClass {
  tokens: number;
  ms: number;
}

/** Weight of a mean when the next forward of its class comes. */
const KEEP = 0.9;
/** What a forward may take beyond the mean of its class before it counts as disturbed. */
const OUTLIER = 3;
/** Until two classes are known, a token costs as much as so many forwards of none. */
const GUESS = 0.125;

export class ForwardTimes {
  /** By the logarithm of the number of tokens. */
  readonly #classes = new Map<number, SizeClass>();

  observe(tokens: number, ms: number): void {
    const key = Math.round(Math.log2(tokens));
    const known = this.#classes.get(key);
    if (known === undefined) {
      this.#classes.set(key, { tokens, ms });
      return;
    }
    known.tokens = KEEP * known.tokens + (1 - KEEP) * tokens;
    known.ms = KEEP * known.ms + (1 - KEEP) * Math.min(ms, OUTLIER * known.ms);
  }

  /** Milliseconds that one more token adds: the slope of the line through all classes, never negative. */
  get tokenMs(): number {
    const classes = [...this.#classes.values()];
    const [first] = classes;
    if (first === undefined) return 0;
    if (classes.length === 1) return (first.ms * GUESS) / (1 + GUESS * first.tokens);
    const mean = (of: (each: SizeClass) => number) =>
      classes.reduce((sum, each) => sum + of(each), 0) / classes.length;
    const [x, y] = [mean(({ tokens }) => tokens), mean(({ ms }) => ms)];
    const spread = mean(({ tokens }) => (tokens - x) ** 2);
    return Math.max(0, mean(({ tokens, ms }) => (tokens - x) * (ms - y)) / spread);
  }

  /** What the prompts of others in the round's forwards have added to its rest, as far as that can be told. */
  promptMs(restMs: number, load: TargetLoad): number {
    const tokens = promptTokensOf(load);
    if (tokens === 0) return 0;
    const most = restMs * (tokens / (load.batchTokens ?? tokens));
    return Math.min(most, this.tokenMs * tokens * forwardsOf(load));
  }
}
