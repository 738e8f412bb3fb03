// Sessions that share forwards of the real target: the same bits, and the same texts, as each alone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { GREEDY, type SamplingParams } from '#libs/sampling/index.js';
import { assertSameTogether } from '../support/batched-sessions.js';
import { ModelPair, type PairRequest } from '../support/model-pair.js';
import { familyPrompts } from '../support/prompts.js';

let pair: ModelPair;

before(async () => {
  pair = await ModelPair.open({ batching: true });
});
after(() => pair.close());

test('eight sessions share a forward on this machine', () => {
  assert.equal(pair.target.batchSlots, 8);
});

test('logits are bitwise those of a session alone, with prompts in pieces and rollbacks', async () => {
  const sessions = [90, 1, 40, 150, 7, 63, 2, 20, 33, 5].map((promptLength, i) => ({
    promptLength,
    tokens: Array.from({ length: promptLength + 30 }, (_, j) => (j * 7919 + i * 131 + 13) % 49_000),
  }));
  await assertSameTogether(pair.target.model, pair.target.batcher, sessions);
});

const SAMPLED: SamplingParams = { ...GREEDY, temperature: 1, topP: 0.95 };
const REQUESTS: readonly Pick<PairRequest, 'gamma' | 'sampling' | 'logprobs' | 'promptLogprobs'>[] = [
  { gamma: 0 },
  { gamma: 3 },
  { gamma: 4, sampling: { ...SAMPLED, seed: 1n } },
  { gamma: 0, sampling: { ...SAMPLED, seed: 2n }, logprobs: 2, promptLogprobs: 1 },
  { gamma: 2, sampling: { ...SAMPLED, seed: 3n, verification: 'block' } },
  { gamma: 5, sampling: { ...SAMPLED, seed: 4n, verification: 'coupled', frequencyPenalty: 0.5 } },
  { gamma: 8, logprobs: 1 },
  { gamma: 1 },
  { gamma: 0 },
];

test('texts, their rounds and log probabilities are those of a generation alone', async () => {
  const prompts = familyPrompts();
  const run = (session: string, i: number) =>
    pair.run({
      sessionId: `${session} ${i}`,
      tokens: pair.promptTokens(prompts[i * 3]!.text),
      maxTokens: 16,
      ...REQUESTS[i]!,
    });
  const together = await Promise.all(REQUESTS.map((_, i) => run('together', i)));
  for (const [i, result] of together.entries()) {
    const alone = await run('alone', i);
    assert.deepEqual(result.tokens, alone.tokens, `request ${i}`);
    assert.deepEqual(result.logprobs, alone.logprobs, `request ${i}`);
    const counts = ({ drafted, accepted }: { drafted: number; accepted: number }) => [drafted, accepted];
    assert.deepEqual(result.rounds.map(counts), alone.rounds.map(counts), `request ${i}`);
    assert.deepEqual(result.rounds[0]!.promptLogprobs, alone.rounds[0]!.promptLogprobs);
  }
});
