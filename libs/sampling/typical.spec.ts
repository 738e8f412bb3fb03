import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Distribution, distributionOf, probabilityOf } from './distribution.js';
import { toDistribution } from './processors.js';
import { typicalLaw as lawOf } from './typical.js';

const typicalLaw = (law: Distribution, p: number) =>
  lawOf(law, p, (id) => Math.log(law.weights[law.ids?.indexOf(id) ?? id]!));

test('keeps the tokens whose surprise is nearest to the entropy, not the most probable ones', () => {
  const law = typicalLaw(distributionOf(undefined, Float64Array.of(0.5, 0.2, 0.15, 0.1, 0.05)), 0.3);
  assert.deepEqual([law.ids, law.weights], [Uint32Array.of(1, 2), Float64Array.of(0.2, 0.15)]);
});

test('keeps at least one token, the lowest id on ties, and never one of probability 0', () => {
  const flat = distributionOf(Uint32Array.of(4, 6, 9), Float64Array.of(0, 1, 1));
  assert.deepEqual(typicalLaw(flat, 1e-9).ids, Uint32Array.of(6));
  assert.deepEqual(typicalLaw(flat, 0.7).ids, Uint32Array.of(6, 9));
  assert.deepEqual(typicalLaw(distributionOf(undefined, Float64Array.of(0, 5)), 0.5).ids, Uint32Array.of(1));
});

test('a large row agrees with sorting all of it', () => {
  const row = Float32Array.from({ length: 20_000 }, (_, i) => 9 * Math.sin(i * 1.7) + ((i * 7919) % 13) / 3);
  const params = { temperature: 0.8, topK: 0, topP: 1, seed: 0n };
  const law = toDistribution(row, params);
  const surprises = Array.from(row, (_, id) => -Math.log(probabilityOf(law, id)));
  const entropy = surprises.reduce((sum, surprise) => sum + surprise * Math.exp(-surprise), 0);
  const order = [...row.keys()].sort(
    (a, b) => Math.abs(surprises[a]! - entropy) - Math.abs(surprises[b]! - entropy) || a - b,
  );
  for (const typicalP of [0.2, 0.9]) {
    const kept: number[] = [];
    for (let reached = 0; reached < typicalP; reached += Math.exp(-surprises[kept.at(-1)!]!))
      kept.push(order[kept.length]!);
    const cut = toDistribution(row, { ...params, typicalP });
    assert.deepEqual(
      [...cut.ids!],
      kept.sort((a, b) => a - b),
    );
  }
});
