import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { AppError } from '#libs/errors/index.js';
import { tinyGguf, tinyGgufMetadata, tinyTensors } from '../../../test/support/tiny-checkpoint.js';
import { openGguf } from './gguf-checkpoint.js';

const folder = mkdtempSync(join(tmpdir(), 'outrider-gguf-'));
after(() => rmSync(folder, { recursive: true }));

function write(bytes: Buffer): string {
  const path = join(folder, 'tiny.gguf');
  writeFileSync(path, bytes);
  return path;
}

function refuses(bytes: Buffer, message: RegExp): void {
  const path = write(bytes);
  assert.throws(
    () => openGguf(path),
    (error) => {
      assert.ok(error instanceof AppError && error.code === 'failed_precondition', String(error));
      assert.ok(error.message.startsWith(path), error.message);
      assert.match(error.message, message);
      return true;
    },
  );
}

test('gives tensors in Hugging Face names and layout, q and k un-permuted', () => {
  const checkpoint = openGguf(write(tinyGguf()));
  const expected = tinyTensors();
  assert.deepEqual([...checkpoint.tensorNames].sort(), [...expected.keys()].sort());
  for (const [name, { shape, values }] of expected)
    assert.deepEqual(checkpoint.tensor(name, shape), values, name);
  checkpoint.close();
});

test('reads the configuration from the metadata', () => {
  const checkpoint = openGguf(write(tinyGguf()));
  const { config } = checkpoint;
  checkpoint.close();
  assert.equal(config.headDim, 16);
  assert.equal(config.vocabSize, 260);
  assert.equal(config.rmsEpsilon, Math.fround(1e-5));
  assert.equal(config.tiedHead, true);
  assert.equal(config.license, 'apache-2.0');
  assert.deepEqual([config.bosTokenId, config.eosTokenIds], [256, [257]]);
});

test('refuses a tensor of another shape than the configuration implies, before reading it', () => {
  const checkpoint = openGguf(write(tinyGguf()));
  assert.throws(() => checkpoint.tensor('model.norm.weight', [65]), /model\.norm\.weight has shape \[64\]/);
  assert.throws(() => checkpoint.tensor('lm_head.weight', [260, 64]), /lm_head\.weight is missing/);
  checkpoint.close();
});

test('a file cut anywhere is refused', () => {
  const whole = tinyGguf();
  const lengths = [
    0,
    3,
    4,
    7,
    8,
    15,
    16,
    23,
    24,
    40,
    100,
    1000,
    5000,
    whole.length - 300,
    whole.length - 100_000,
  ];
  for (const length of lengths) refuses(whole.subarray(0, length), /Download the checkpoint again/);
});

test('counts and lengths that the file cannot hold take no memory', () => {
  const huge = (at: number) => {
    const bytes = Buffer.from(tinyGguf());
    bytes.writeBigUInt64LE(2n ** 52n, at);
    return bytes;
  };
  refuses(huge(8), /number of tensors is/);
  refuses(huge(16), /number of metadata entries is/);
  refuses(huge(24), /length of a metadata key is/);
  const beyond = Buffer.from(tinyGguf());
  beyond.writeBigUInt64LE(2n ** 63n, 24);
  refuses(beyond, /is 9223372036854775808/);
});

test('a tensor outside the file, with an impossible shape or an unknown type is refused', () => {
  const bytes = tinyGguf();
  // Name, number of dimensions, two dimensions, type, offset.
  const dims = bytes.indexOf('token_embd.weight') + 'token_embd.weight'.length + 4;
  const changed = (at: number, value: bigint) => {
    const copy = Buffer.from(bytes);
    copy.writeBigUInt64LE(value, at);
    return copy;
  };
  refuses(changed(dims, 0n), /impossible shape/);
  refuses(changed(dims, 2n ** 40n), /ends at byte|impossible shape/);
  refuses(changed(dims + 20, 2n ** 50n), /ends at byte/);
  const type = Buffer.from(bytes);
  type.writeUInt32LE(99, dims + 16);
  refuses(type, /has type 99; readable types are F32/);
});

test('what the graph cannot express is refused by name', () => {
  const changed = (key: string, value: unknown) => tinyGguf(new Map(tinyGgufMetadata()).set(key, value));
  refuses(
    changed('general.architecture', 'mamba'),
    /the architecture is mamba, not one of llama, qwen2, qwen3, gemma2/,
  );
  refuses(changed('llama.rope.scaling.type', 'yarn'), /rotary embedding \(yarn\)/);
  refuses(changed('llama.attention.head_count', 0), /the configuration is impossible/);
  refuses(changed('llama.block_count', 4_000_000_000), /numLayers/);
  refuses(changed('llama.rope.dimension_count', 8), /only 8 of 16/);
  refuses(changed('llama.attention.value_length', 8), /values have 8 dimensions, those of keys 16/);
  refuses(changed('tokenizer.ggml.eos_token_id', 999), /bos and eos ids must be in the vocabulary/);
  refuses(changed('general.architecture', 'gemma2'), /hiddenSize/);
  const qwen = new Map(
    [...tinyGgufMetadata()].map(([key, value]) => [key.replace(/^llama/, 'qwen2'), value] as const),
  ).set('general.architecture', 'qwen2');
  refuses(tinyGguf(new Map(qwen).set('qwen2.attention.sliding_window', 8)), /does not say for which layers/);
  refuses(tinyGguf(new Map(qwen).set('qwen2.rope.scaling.type', 'yarn')), /rotary embedding \(yarn\)/);
  refuses(Buffer.from('PK\u0003\u0004 this is a zip'), /not a GGUF file/);
});
