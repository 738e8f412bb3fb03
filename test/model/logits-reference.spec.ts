// The builder's float32 target against transformers' logits of the same weights (test/fixtures/logits-reference.py).
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildModel } from '#libs/builder/index.js';
import { Model } from '#libs/engine/index.js';
import { targetGguf } from '../support/target-gguf.js';

interface Fixture {
  readonly otherIds: readonly number[];
  readonly prompts: readonly {
    readonly tokens: readonly number[];
    readonly rows: readonly {
      readonly position: number;
      readonly top: readonly (readonly [id: number, logit: number])[];
      readonly others: readonly number[];
    }[];
  }[];
}

const fixture: Fixture = JSON.parse(
  readFileSync(new URL('../../../test/fixtures/logits-reference.json', import.meta.url), 'utf8'),
);
const TOLERANCE = 1e-3;

test('the float32 target’s logits are those of the reference implementation', async (context) => {
  const root = mkdtempSync(join(tmpdir(), 'outrider-reference-'));
  context.after(() => rmSync(root, { recursive: true }));
  const out = join(root, 'target');
  const options = { source: await targetGguf(), out, name: 'target', license: 'Apache-2.0' };
  const manifest = await buildModel({ ...options, quantisation: 'f32' });
  const graphPath = join(out, 'model.onnx');
  const model = await Model.load({ ...manifest, graphPath, threads: 2, exact: true });
  context.after(() => model.release());
  let worst = 0;
  for (const { tokens, rows } of fixture.prompts) {
    const logits = await model.advance(model.newCache(), tokens, tokens.length);
    for (const { position, top, others } of rows) {
      const expected = [...top, ...others.map((logit, i) => [fixture.otherIds[i]!, logit] as const)];
      for (const [id, logit] of expected) {
        const difference = Math.abs(logits[position * model.headSize + id]! - logit);
        assert.ok(difference <= TOLERANCE, `token ${id} at position ${position}: off by ${difference}`);
        worst = Math.max(worst, difference);
      }
    }
  }
  context.diagnostic(`largest difference ${worst.toExponential(2)}`);
});
