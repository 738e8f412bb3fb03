// Skipped sub-layers of each family: the logits are those of a model in which that sub-layer adds nothing, so a skip leaves
// out all of it, Gemma-2's norms behind it included.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { FIXTURES, FixtureModels, type FixtureName, readReference } from '../support/architecture-fixture.js';
import { fixtureTensors } from '../support/architecture-gguf.js';
import { safetensorsBytes } from '../support/checkpoint-bytes.js';

const models = new FixtureModels();
const sessions: InferenceSession[] = [];
after(async () => {
  for (const session of sessions) await session.release();
  await models.close();
});

interface Shape {
  readonly numLayers: number;
  readonly numKvHeads: number;
  readonly headDim: number;
}

/** Logits of all positions, [tokens, vocabSize]. */
async function logitsWith(
  graphPath: string,
  { numLayers, numKvHeads, headDim }: Shape,
  tokens: readonly number[],
  mask: readonly number[],
): Promise<Float32Array> {
  const session = await InferenceSession.create(graphPath, { logSeverityLevel: 3 });
  sessions.push(session);
  const feeds: Record<string, Tensor> = {
    input_ids: new Tensor('int64', BigInt64Array.from(tokens, BigInt), [1, tokens.length]),
    seqlens_k: new Tensor('int32', Int32Array.of(tokens.length - 1), [1]),
    total_sequence_length: new Tensor('int32', Int32Array.of(tokens.length), [1]),
    logit_rows: new Tensor(
      'int64',
      BigInt64Array.from(tokens, (_, i) => BigInt(i)),
      [tokens.length],
    ),
    skip_mask: new Tensor('bool', Uint8Array.from(mask), [mask.length]),
  };
  const dims = [1, numKvHeads, 64, headDim];
  for (let i = 0; i < numLayers; i++)
    for (const part of ['k', 'v'])
      feeds[`past.${i}.${part}`] = new Tensor('float32', new Float32Array(numKvHeads * 64 * headDim), dims);
  const { logits } = await session.run(feeds, ['logits']);
  return logits!.data as Float32Array;
}

/** The fixture with the last tensor of sub-layer `index` such that it adds nothing. */
function silenced(name: FixtureName, index: number): Buffer {
  const tensors = fixtureTensors(name);
  const isMlp = index % 2 === 1;
  const behind = isMlp ? 'post_feedforward_layernorm' : 'post_attention_layernorm';
  const last = name === 'gemma2' ? behind : isMlp ? 'mlp.down_proj' : 'self_attn.o_proj';
  // Gemma's norms multiply by 1 + weight.
  tensors.get(`model.layers.${index >> 1}.${last}.weight`)!.values.fill(name === 'gemma2' ? -1 : 0);
  return safetensorsBytes(tensors);
}

for (const name of FIXTURES) {
  test(`a skipped sub-layer of ${name} adds nothing to the residual stream`, async () => {
    const { manifest: shape, folder } = await models.buildFolder({ source: models.copy(name) });
    const tokens = readReference(name).tokens[0]!;
    const none = new Array<number>(2 * shape.numLayers).fill(0);
    const full = await logitsWith(join(folder, 'model.skip.onnx'), shape, tokens, none);
    for (const index of [0, 1, 2, 3]) {
      const mask = none.with(index, 1);
      const skipped = await logitsWith(join(folder, 'model.skip.onnx'), shape, tokens, mask);
      const source = models.copy(name);
      writeFileSync(join(source, 'model.safetensors'), silenced(name, index));
      const quiet = await models.buildFolder({ source });
      const expected = await logitsWith(join(quiet.folder, 'model.skip.onnx'), shape, tokens, none);
      assert.deepEqual(skipped, expected, `sub-layer ${index}`);
      assert.notDeepEqual(skipped, full, `sub-layer ${index} does something`);
    }
  });
}
