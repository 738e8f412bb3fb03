// Sessions that share forwards, on tiny checkpoints of every architecture and form of weights: the same bits as each alone.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { BuildOptions } from '#libs/builder/index.js';
import { FIXTURES, FixtureModels } from '../support/architecture-fixture.js';
import { assertSameTogether } from '../support/batched-sessions.js';
import { writeTinyHub } from '../support/tiny-checkpoint.js';
import { widened } from '../support/wide-heads.js';

const models = new FixtureModels();
after(() => models.close());

const CONFIG = { max_position_embeddings: 512 };
const FORMS = ['f32', 'q8', 'w8', 'q4'] as const;
const SOURCES: Readonly<Record<string, () => string>> = {
  llama: () => writeTinyHub(join(models.root, 'hub-llama'), CONFIG),
  ...Object.fromEntries(FIXTURES.map((name) => [name, () => models.copy(name, CONFIG)])),
  'gemma2 with a short window': () => models.copy('gemma2', { ...CONFIG, sliding_window: 7 }),
  'gemma2 with wide heads': () => widened(models, 'gemma2'),
  'qwen3 with wide heads': () => widened(models, 'qwen3'),
};

/** More of them than slots. */
const SESSIONS = [70, 1, 33, 2, 9, 50].map((promptLength, i) => ({
  promptLength,
  tokens: Array.from({ length: promptLength + 40 }, (_, j) => (j * 7919 + i * 31 + (j >> 3)) % 160),
}));

for (const [name, source] of Object.entries(SOURCES))
  for (const quantisation of FORMS)
    test(`${name} in ${quantisation}: sessions that share forwards have the logits of each alone`, async () => {
      const options: Pick<BuildOptions, 'source' | 'quantisation'> = { source: source(), quantisation };
      const { batchSlots, model, batcher } = await models.openEngine(options, 24);
      assert.equal(batchSlots, 4);
      await assertSameTogether(model, batcher, SESSIONS);
    });
