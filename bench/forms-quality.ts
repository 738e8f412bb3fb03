// How far one model's next-token law is from another's on given chats.
import type { Model } from '#libs/engine/index.js';
import { argmax } from '#libs/sampling/index.js';

export interface Chat {
  readonly prompt: readonly number[];
  readonly answer: readonly number[];
}

export interface Quality {
  /** Mean Kullback–Leibler divergence a token, in nats. */
  readonly kl: number;
  /** Share of the tokens where both find the same one likeliest. */
  readonly top1: number;
}

/** Answers that the model samples at temperature 1, from a seeded generator. */
export async function sampledChats(
  model: Model,
  prompts: readonly (readonly number[])[],
  maxTokens: number,
  ends: readonly number[],
): Promise<Chat[]> {
  const random = congruential(2024);
  const chats: Chat[] = [];
  for (const prompt of prompts) {
    const cache = model.newCache();
    const answer: number[] = [];
    let logits = await model.advance(cache, prompt, 1);
    while (answer.length < maxTokens) {
      const token = sample(logits, random());
      answer.push(token);
      if (ends.includes(token)) break;
      logits = await model.advance(cache, [token], 1);
    }
    chats.push({ prompt, answer });
    process.stderr.write(`\r${chats.length}/${prompts.length} chats `);
  }
  return chats;
}

/** Of each of the models. */
export async function distancesFrom(
  reference: Model,
  models: readonly Model[],
  chats: readonly Chat[],
): Promise<Quality[]> {
  const sums = models.map(() => ({ kl: 0, top1: 0 }));
  const { headSize } = reference;
  for (const { prompt, answer } of chats) {
    const fed = [...prompt, ...answer.slice(0, -1)];
    const expected = await reference.advance(reference.newCache(), fed, answer.length);
    for (const [i, model] of models.entries()) {
      const actual = await model.advance(model.newCache(), fed, answer.length);
      for (let start = 0; start < actual.length; start += headSize) {
        const [p, q] = [expected, actual].map((logits) => logits.subarray(start, start + headSize));
        sums[i]!.kl += divergence(p!, q!);
        if (argmax(p!) === argmax(q!)) sums[i]!.top1++;
      }
    }
  }
  const tokens = chats.reduce((sum, { answer }) => sum + answer.length, 0);
  return sums.map(({ kl, top1 }) => ({ kl: kl / tokens, top1: top1 / tokens }));
}

function divergence(p: Float32Array, q: Float32Array): number {
  const [pTotal, qTotal] = [logSumExp(p), logSumExp(q)];
  return p.reduce((sum, logit, i) => {
    const logP = logit - pTotal;
    return sum + Math.exp(logP) * (logP - (q[i]! - qTotal));
  }, 0);
}

function sample(logits: Float32Array, uniform: number): number {
  const total = logSumExp(logits);
  let left = uniform;
  const found = logits.findIndex((logit) => {
    left -= Math.exp(logit - total);
    return left <= 0;
  });
  return found < 0 ? argmax(logits) : found;
}

function logSumExp(logits: Float32Array): number {
  const max = logits[argmax(logits)]!;
  return max + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - max), 0));
}

function congruential(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
