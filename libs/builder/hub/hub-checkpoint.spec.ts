import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { AppError } from '#libs/errors/index.js';
import { safetensorsBytes } from '../../../test/support/checkpoint-bytes.js';
import { tinyTensors, writeTinyHub } from '../../../test/support/tiny-checkpoint.js';
import { openHubFolder } from './hub-checkpoint.js';

const root = mkdtempSync(join(tmpdir(), 'outrider-hub-'));
after(() => rmSync(root, { recursive: true }));

let count = 0;
const hub = (config = {}) => writeTinyHub(join(root, `hub-${count++}`), config);

function refuses(folder: string, message: RegExp): void {
  assert.throws(
    () => openHubFolder(folder).close(),
    (error) => {
      assert.ok(error instanceof AppError && error.code === 'failed_precondition', String(error));
      assert.ok(error.message.startsWith(folder), error.message);
      assert.match(error.message, message);
      return true;
    },
  );
}

test('reads a single safetensors file', () => {
  const checkpoint = openHubFolder(hub());
  for (const [name, { shape, values }] of tinyTensors())
    assert.deepEqual(checkpoint.tensor(name, shape), values);
  assert.equal(checkpoint.headTokenIds(), null);
  assert.equal(checkpoint.tokenizer()?.config.chat_template, 'hub');
  checkpoint.close();
});

test('reads shards through their index, and a separate chat template', () => {
  const folder = hub();
  const tensors = [...tinyTensors()];
  const halves = [tensors.slice(0, 9), tensors.slice(9)];
  const weightMap: Record<string, string> = {};
  for (const [i, half] of halves.entries()) {
    writeFileSync(join(folder, `model-${i}.safetensors`), safetensorsBytes(new Map(half)));
    for (const [name] of half) weightMap[name] = `model-${i}.safetensors`;
  }
  writeFileSync(join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map: weightMap }));
  writeFileSync(join(folder, 'chat_template.jinja'), 'separate');
  const checkpoint = openHubFolder(folder);
  for (const [name, { shape, values }] of tensors) assert.deepEqual(checkpoint.tensor(name, shape), values);
  assert.equal(checkpoint.tokenizer()?.config.chat_template, 'separate');
  checkpoint.close();
});

test('an index cannot reach outside its folder', () => {
  const folder = hub();
  for (const name of ['../secret.safetensors', '/etc/passwd', 'a/b.safetensors', 7]) {
    writeFileSync(join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map: { x: name } }));
    refuses(folder, /weight_map names the file/);
  }
});

test('a safetensors file cut anywhere, or lying about its places, is refused', () => {
  const folder = hub();
  const path = join(folder, 'model.safetensors');
  const whole = readFileSync(path);
  for (const length of [0, 7, 8, 100, 2000, whole.length - 1]) {
    writeFileSync(path, whole.subarray(0, length));
    refuses(folder, /Download the checkpoint again/);
  }
  const huge = Buffer.from(whole);
  huge.writeBigUInt64LE(2n ** 60n);
  writeFileSync(path, huge);
  refuses(folder, /the header claims 1152921504606846976 bytes/);
  const entries = [
    { dtype: 'F32', shape: [2 ** 40], data_offsets: [0, 2 ** 42] },
    { dtype: 'F32', shape: [1], data_offsets: [4, 0] },
    { dtype: 'F32', shape: [-1], data_offsets: [0, 4] },
    'nothing',
  ];
  for (const entry of entries) {
    writeFileSync(path, safetensorsBytes(tinyTensors(), { bad: entry }));
    refuses(folder, /outside the file|malformed/);
  }
});

test('a tensor whose bytes do not fit its shape or type is refused when read', () => {
  const folder = hub();
  const entry = (dtype: string) => ({ bad: { dtype, shape: [4], data_offsets: [0, 12] } });
  for (const [dtype, message] of [
    ['F32', /12 bytes for shape \[4\]/],
    ['I8', /has type I8, not one of F32/],
  ] as const) {
    writeFileSync(join(folder, 'model.safetensors'), safetensorsBytes(tinyTensors(), entry(dtype)));
    const checkpoint = openHubFolder(folder);
    assert.throws(() => checkpoint.tensor('bad', [4]), message);
    checkpoint.close();
  }
});

test('all end-of-turn ids of generation_config.json count', () => {
  const folder = hub();
  writeFileSync(join(folder, 'generation_config.json'), JSON.stringify({ eos_token_id: [257, 258] }));
  const checkpoint = openHubFolder(folder);
  assert.deepEqual(checkpoint.config.eosTokenIds, [257, 258]);
  checkpoint.close();
});

test('what the graph cannot express is refused by name', () => {
  refuses(hub({ model_type: 'gemma3' }), /model_type is gemma3, not one of llama, qwen2, qwen3, gemma2/);
  refuses(hub({ rope_scaling: { rope_type: 'llama3', factor: 8 } }), /rotary embedding \("llama3"\)/);
  refuses(hub({ attention_bias: true }), /attention_bias is set/);
  refuses(hub({ hidden_act: 'gelu' }), /hidden_act is "gelu"/);
  refuses(hub({ quantization_config: { bits: 4 } }), /already quantised/);
  refuses(hub({ num_key_value_heads: 3 }), /multiple of numKvHeads/);
  refuses(hub({ hidden_size: '64' }), /hiddenSize/);
  refuses(hub({ vocab_size: 1e15 }), /vocabSize/);
  refuses(hub({ head_size: 300 }), /more rows than the vocabulary/);
});

test('a missing or broken config.json is refused', () => {
  const folder = hub();
  writeFileSync(join(folder, 'config.json'), '{"model_type": ');
  refuses(folder, /not valid JSON/);
  rmSync(join(folder, 'config.json'));
  refuses(folder, /cannot be opened/);
});
