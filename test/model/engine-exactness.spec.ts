// The engine's contract on the real target: the same tokens give bitwise the same logits, however they were fed.
import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Engine, openEngine } from '#libs/engine/index.js';
import { openModelFolder } from '#libs/models/index.js';
import { realModels } from '../support/models.js';

let engine: Engine;
let vocabSize: number;
const tokens = Array.from({ length: 120 }, (_, i) => (i * 7919 + 13) % 49_000);

before(async () => {
  const { targetFolder } = await realModels();
  const { manifest } = await openModelFolder(targetFolder);
  vocabSize = manifest.vocabSize;
  engine = await openEngine({
    model: {
      ...manifest,
      graphPath: join(targetFolder, 'model.onnx'),
      threads: availableParallelism(),
      exact: true,
    },
    kvBytes: 2 ** 30,
    slotTtlMs: 60_000,
  });
});

after(() => engine.model.release());

/** Logits of every position, fed in the given chunks. [length, vocabSize] */
async function logitsOf(sequence: readonly number[], chunks: readonly number[]): Promise<Float32Array> {
  const cache = engine.model.newCache();
  const all = new Float32Array(sequence.length * vocabSize);
  let start = 0;
  for (let i = 0; start < sequence.length; i++) {
    const chunk = sequence.slice(start, start + chunks[i % chunks.length]!);
    all.set(await engine.model.advance(cache, chunk, chunk.length), start * vocabSize);
    start += chunk.length;
  }
  return all;
}

function assertSameBits(actual: Float32Array, expected: Float32Array, what: string): void {
  const same = Buffer.from(actual.buffer, actual.byteOffset, actual.byteLength).equals(
    Buffer.from(expected.buffer, expected.byteOffset, expected.byteLength),
  );
  assert.ok(same, what);
}

test('the KV cache is written in place', () => {
  assert.equal(engine.model.inPlace, true);
});

test('every chunking gives bitwise the same logits at every position', async () => {
  const whole = await logitsOf(tokens, [tokens.length]);
  for (const chunks of [[1], [2], [3], [5], [8], [9], [16], [40], [1, 9, 2], [64, 1]])
    assertSameBits(await logitsOf(tokens, chunks), whole, `chunks of ${chunks}`);
});

test('asking for fewer rows gives the same rows', async () => {
  const whole = await logitsOf(tokens, [tokens.length]);
  for (const rows of [1, 2, 5]) {
    const last = await engine.model.advance(engine.model.newCache(), tokens, rows);
    assertSameBits(last, whole.subarray(whole.length - rows * vocabSize), `${rows} rows`);
  }
});

test('a rolled-back cache gives bitwise the logits of one that never strayed', async () => {
  const whole = await logitsOf(tokens, [tokens.length]);
  const cache = engine.model.newCache();
  let start = 0;
  for (const wrong of [1, 3, 8, 20]) {
    const right = tokens.slice(start, start + 10);
    const strayed = Array.from({ length: wrong }, (_, i) => 100 + i);
    await engine.model.advance(cache, [...right, ...strayed], 1 + wrong);
    start += right.length;
    cache.truncate(start);
  }
  const rest = await engine.model.advance(cache, tokens.slice(start), tokens.length - start);
  assertSameBits(rest, whole.subarray(start * vocabSize), 'after four rollbacks');
});

test('growing the cache in the middle of a sequence changes nothing', async () => {
  const long = Array.from({ length: 300 }, (_, i) => (i * 31 + 7) % 49_000);
  const once = Float32Array.from(await engine.model.advance(engine.model.newCache(), long, 2));
  const cache = engine.model.newCache();
  await engine.model.advance(cache, long.slice(0, 250), 1);
  assertSameBits(await engine.model.advance(cache, long.slice(250), 2), once, 'grown from 256 to 512');
  assert.equal(cache.capacity, 512);
});

test('sequences that take turns do not disturb each other', async () => {
  const other = tokens.map((token) => (token * 3 + 1) % 49_000);
  const [alone, otherAlone] = [await logitsOf(tokens, [8]), await logitsOf(other, [8])];
  const caches = [engine.model.newCache(), engine.model.newCache()];
  const rows = [new Float32Array(alone.length), new Float32Array(alone.length)];
  for (let start = 0; start < tokens.length; start += 8) {
    for (const [i, sequence] of [tokens, other].entries()) {
      const chunk = sequence.slice(start, start + 8);
      rows[i]!.set(await engine.model.advance(caches[i]!, chunk, chunk.length), start * vocabSize);
    }
  }
  assertSameBits(rows[0]!, alone, 'the first');
  assertSameBits(rows[1]!, otherAlone, 'the second');
});
