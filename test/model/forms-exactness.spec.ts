// The forms that a target may be built in besides the default, on the real weights: the same tokens give bitwise the same
// logits in any chunking and after a rollback, as the engine promises.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildModel } from '#libs/builder/index.js';
import { Model } from '#libs/engine/index.js';
import { targetGguf } from '../support/target-gguf.js';

const tokens = Array.from({ length: 70 }, (_, i) => (i * 7919 + 13) % 49_000);

/** Logits of every position, fed in chunks; after each chunk some tokens stray and are rolled back. */
async function logitsOf(model: Model, chunk: number, strayed = 0): Promise<Float32Array> {
  const cache = model.newCache();
  const all = new Float32Array(tokens.length * model.headSize);
  for (let start = 0; start < tokens.length; start += chunk) {
    const part = tokens.slice(start, start + chunk);
    const wrong = Array.from({ length: strayed }, (_, i) => 100 + i);
    const logits = await model.advance(cache, [...part, ...wrong], part.length + strayed);
    all.set(logits.subarray(0, part.length * model.headSize), start * model.headSize);
    cache.truncate(start + part.length);
  }
  return all;
}

for (const quantisation of ['q8b64', 'w8'] as const)
  test(`${quantisation}: any chunking and rollback gives bitwise the same logits`, async (context) => {
    const root = mkdtempSync(join(tmpdir(), 'outrider-forms-'));
    context.after(() => rmSync(root, { recursive: true }));
    const out = join(root, 'target');
    // Unsmoothed: smoothing changes weights, not the way they are multiplied.
    const source = await targetGguf();
    const manifest = await buildModel({ source, out, name: 'target', license: 'Apache-2.0', quantisation });
    const graphPath = join(out, 'model.onnx');
    const model = await Model.load({ ...manifest, graphPath, threads: availableParallelism(), exact: true });
    context.after(() => model.release());
    const whole = Buffer.from((await logitsOf(model, tokens.length)).buffer);
    for (const [chunk, strayed] of [[1], [3, 5], [8], [16, 1], [33]] as const)
      assert.ok(
        whole.equals(Buffer.from((await logitsOf(model, chunk, strayed)).buffer)),
        `chunks of ${chunk}`,
      );
  });
