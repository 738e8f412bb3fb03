import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coupledToken } from './coupled.js';
import { probabilityOf } from './distribution.js';
import { draftDistribution, drawDraft, sendsLaws } from './draft.js';
import { GREEDY, type SamplingParams } from './params.js';
import { toDistribution } from './processors.js';
import { keyedRandom } from './random.js';

const PLAIN: SamplingParams = { temperature: 1, topK: 0, topP: 1, seed: 0n };

test('the draft law keeps at most 64 tokens, as float32, named by the head token ids, ascending', () => {
  const row = Float32Array.from({ length: 500 }, (_, i) => Math.sin(i) * 5);
  const headTokenIds = Uint32Array.from({ length: 500 }, (_, i) => (i * 7919) % 49_152);
  const law = draftDistribution(row, PLAIN, headTokenIds);
  assert.equal(law.ids!.length, 64);
  assert.ok(law.weights instanceof Float32Array);
  assert.ok(law.ids!.every((id, i) => i === 0 || id > law.ids![i - 1]!));
  assert.ok(Math.abs(law.mass - 1) < 1e-6);
  const truncated = toDistribution(row, { ...PLAIN, topK: 64 });
  for (let i = 0; i < 500; i++)
    assert.ok(Math.abs(probabilityOf(law, headTokenIds[i]!) - probabilityOf(truncated, i)) < 1e-6);
});

test('a smaller top-k than the support, top-p and temperature 0 hold for the draft too', () => {
  const row = Float32Array.of(1, 3, 2, 0);
  assert.equal(draftDistribution(row, { ...PLAIN, topK: 2 }).ids!.length, 2);
  assert.equal(draftDistribution(row, PLAIN).ids!.length, 4);
  assert.deepEqual(draftDistribution(row, { ...PLAIN, topP: 0.1 }).ids, Uint32Array.of(1));
  const greedy = draftDistribution(row, GREEDY, Uint32Array.of(9, 8, 7, 6));
  assert.deepEqual([greedy.ids, greedy.weights], [Uint32Array.of(8), Float64Array.of(1)]);
  assert.throws(() => draftDistribution(row, PLAIN, Uint32Array.of(1)), RangeError);
});

test('laws travel only where the rule needs them: not greedy, deterministic or coupled ones', () => {
  for (const verification of [undefined, 'ratio', 'block'] as const) {
    assert.equal(sendsLaws({ ...PLAIN, verification }), true);
    assert.equal(sendsLaws({ ...PLAIN, verification, draftMode: 'deterministic' }), false);
    assert.equal(sendsLaws({ ...GREEDY, verification }), false);
  }
  assert.equal(sendsLaws({ ...PLAIN, verification: 'coupled' }), false);
});

test('a deterministic draft takes the most probable token of its head in every mode', () => {
  const row = Float32Array.of(1, 3, 2, 0);
  for (const verification of ['ratio', 'block', 'coupled'] as const) {
    const params = { ...PLAIN, verification, draftMode: 'deterministic' as const };
    for (let seed = 0n; seed < 20n; seed++) {
      const law = draftDistribution(row, { ...params, seed }, Uint32Array.of(9, 8, 7, 6));
      assert.equal(drawDraft(law, { ...params, seed }, 3, keyedRandom(seed, 0)), 8);
    }
  }
});

test('a coupled draft draws what the target draws from the same row, whatever the head and its order', () => {
  const size = 300;
  const target = Float32Array.from({ length: size }, (_, i) => Math.sin(i * i) * 2);
  const head = Uint32Array.from({ length: size }, (_, i) => (i * 7) % size);
  const reduced = Float32Array.from(head, (token) => target[token]!);
  for (const params of [PLAIN, { ...PLAIN, topK: 200 }, { ...PLAIN, topP: 0.8, temperature: 1.3 }])
    for (let seed = 0n; seed < 200n; seed++) {
      const sampling = { ...params, seed, verification: 'coupled' as const };
      const token = coupledToken(toDistribution(target, sampling), seed, 12);
      const law = draftDistribution(reduced, sampling, head);
      assert.equal(drawDraft(law, sampling, 12, keyedRandom(seed, 3)), token);
    }
});
