// The bundled draft's sessions share forwards: nearly the logits of each alone (another kernel rounds otherwise), so nearly
// always the same tokens. Which company a session is in may cost a guess, never a token of the text.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Engine, openEngine, openedModel } from '#libs/engine/index.js';
import { draftOptions, hostingSchema } from '#libs/hosting/index.js';
import { openModelFolder } from '#libs/models/index.js';
import { realModels } from '../support/models.js';

const live = new AbortController().signal;
const NUM_SESSIONS = 8;
const PROMPT_LENGTH = 40;
const STEPS = 24;

async function openDraft(hasBatch: boolean): Promise<Engine> {
  const model = await openModelFolder((await realModels()).draftFolder);
  const use = { threads: 1, batching: true, mayRead: () => true };
  const { engine } = await draftOptions(model, hostingSchema.parse({}), use);
  assert.equal(openedModel(engine).batch?.numSlots, NUM_SESSIONS);
  const featureDraft = engine.model.featureDraft && { ...engine.model.featureDraft, batch: null };
  const unshared = { ...engine.model, batch: undefined, featureDraft };
  return openEngine({ ...engine, model: hasBatch ? engine.model : unshared, fewestShared: 2 });
}

/** The rows behind each of the sequence's last STEPS tokens, fed one by one. */
async function follow({ batcher, model }: Engine, tokens: readonly number[], shared: number[]) {
  const cache = model.newCache();
  const rows: Float32Array[] = [];
  while (cache.length < tokens.length) {
    const end = Math.max(cache.length + 1, PROMPT_LENGTH);
    const work = { cache, tokens: tokens.slice(cache.length, end), rows: 1 };
    await batcher.advance(
      work,
      (logits, { jobs }) => {
        rows.push(logits.slice());
        shared.push(jobs);
      },
      live,
    );
  }
  return rows;
}

test('drafts that share forwards guess as each does alone', async () => {
  const engine = await openDraft(true);
  const sequences = Array.from({ length: NUM_SESSIONS }, (_, i) =>
    Array.from({ length: PROMPT_LENGTH + STEPS }, (_, j) => (j * 7919 + i * 131 + 13) % 49_000),
  );
  const shared: number[] = [];
  const together = await Promise.all(sequences.map((tokens) => follow(engine, tokens, shared)));
  assert.ok(shared.filter((jobs) => jobs === NUM_SESSIONS).length >= NUM_SESSIONS * STEPS * 0.9);
  let [same, all] = [0, 0];
  for (const [i, rows] of together.entries())
    for (const [j, row] of (await follow(engine, sequences[i]!, [])).entries()) {
      assert.ok(distance(row, rows[j]!) < 0.1, `session ${i}, row ${j}: ${distance(row, rows[j]!)}`);
      if (row.indexOf(Math.max(...row)) === rows[j]!.indexOf(Math.max(...rows[j]!))) same++;
      all++;
    }
  assert.ok(same / all > 0.95, `${same} of ${all} guesses are the same`);
  await engine.release();
});

test('a draft that was built without a graph of several slots takes turns', async () => {
  const engine = await openDraft(false);
  const shared: number[] = [];
  const tokens = Array.from({ length: PROMPT_LENGTH + 2 }, (_, i) => i);
  await Promise.all([follow(engine, tokens, shared), follow(engine, tokens, shared)]);
  assert.equal(engine.batchSlots, 1);
  assert.deepEqual(new Set(shared), new Set([1]));
  await engine.release();
});

/** Of the difference, in lengths of the row. */
function distance(row: Float32Array, other: Float32Array): number {
  const lengthOf = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0));
  return lengthOf(row.map((value, i) => value - other[i]!)) / lengthOf(row);
}
