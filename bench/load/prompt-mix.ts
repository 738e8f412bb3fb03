// The traffic of the load bench: most prompts short, a few long, half of the requests greedy, half sampled. The same seed
// gives the same requests in the same order, so that every way of decoding is asked the same.
import { seededRandom } from '#libs/tuning/index.js';
import { copyPrompts, familyPrompts } from '../../test/support/prompts.js';

export interface MixedRequest {
  /** What the text is made of, the question last. */
  readonly parts: readonly string[];
  readonly text: string;
  /** Which of the family prompts it ends with. */
  readonly prompt: number;
  readonly family: string;
  readonly maxTokens: number;
  readonly temperature: number;
}

/** Share of the prompts that carry whole passages before their question. */
const LONG_SHARE = 0.2;
const PASSAGES = 3;
const SHORT = familyPrompts();
const LONG = [...SHORT.filter(({ family }) => family === 'summarise'), ...copyPrompts()];

/** @param seed Of the stream; the requests come one after the other, without an end. */
export function* mixedRequests(seed: number, maxTokens: number): Generator<MixedRequest, never> {
  const random = seededRandom(seed);
  const one = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;
  for (let i = 0; ; i++) {
    const prompt = Math.floor(random() * SHORT.length);
    const { family, text } = SHORT[prompt]!;
    const before = random() < LONG_SHARE ? Array.from({ length: PASSAGES }, () => one(LONG).text) : [];
    const parts = [...before, text];
    yield {
      parts,
      text: parts.join('\n\n'),
      family,
      prompt,
      // The first request of a session ends anywhere, or all sessions would go in step.
      maxTokens: i === 0 ? 1 + Math.floor(random() * maxTokens) : maxTokens,
      temperature: random() < 0.5 ? 0 : 0.7,
    };
  }
}

/** Milliseconds from one arrival to the next of a Poisson process. */
export function* poissonGaps(seed: number, perSecond: number): Generator<number, never> {
  const random = seededRandom(seed);
  for (;;) yield (-1000 * Math.log(1 - random())) / perSecond;
}
