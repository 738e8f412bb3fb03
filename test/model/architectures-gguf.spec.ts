// The same checkpoints as GGUF: the graph computes bitwise what it computes from the hub folder.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { FixtureModels, type FixtureName, logitsOf, readReference } from '../support/architecture-fixture.js';
import { fixtureGguf } from '../support/architecture-gguf.js';

const models = new FixtureModels();
after(() => models.close());

// What a hub folder can say and GGUF cannot: Qwen2's windows, and Gemma-2's scale other than by its head dimension.
const SAYABLE: Readonly<Record<FixtureName, Record<string, unknown>>> = {
  qwen2: { use_sliding_window: false, layer_types: null },
  qwen3: {},
  gemma2: { query_pre_attn_scalar: 16 },
};

for (const name of ['qwen2', 'qwen3', 'gemma2'] as const) {
  test(`${name} from a GGUF file is ${name} from the hub’s folder`, async () => {
    const source = join(models.root, `${name}.gguf`);
    writeFileSync(source, fixtureGguf(name));
    const { tokens } = readReference(name);
    const [fromGguf, fromHub] = [await models.build({ source }), await models.load(name, SAYABLE[name])];
    assert.deepEqual(await logitsOf(fromGguf, tokens[0]!), await logitsOf(fromHub, tokens[0]!));
  });
}
