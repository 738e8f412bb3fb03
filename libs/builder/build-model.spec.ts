import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { AppError } from '#libs/errors/index.js';
import { manifestSchema } from '#libs/models/index.js';
import {
  type IntegerTensor,
  safetensorsBytes,
  type TinyTensor,
} from '../../test/support/checkpoint-bytes.js';
import { tinyGguf, tinyTensors, writeTinyHub } from '../../test/support/tiny-checkpoint.js';
import { buildModel } from './build-model.js';

const root = mkdtempSync(join(tmpdir(), 'outrider-build-'));
after(() => rmSync(root, { recursive: true }));

const source = writeTinyHub(join(root, 'hub'));
const gguf = join(root, 'tiny.gguf');
writeFileSync(gguf, tinyGguf());
const base = { source, name: 'tiny', license: 'MIT' };
let count = 0;
const outFolder = () => join(root, `out-${count++}`);

/** What a failed build may leave behind. */
const leftovers = () => readdirSync(root).filter((name) => name.includes('.building-'));

function refusal(message: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof AppError && error.code === 'failed_precondition', String(error));
    assert.match(error.message, message);
    return true;
  };
}

test('the manifest describes the model and every file', async () => {
  const out = outFolder();
  const manifest = await buildModel({ ...base, out });
  assert.deepEqual(
    manifestSchema.parse(JSON.parse(readFileSync(join(out, 'outrider.json'), 'utf8'))),
    manifest,
  );
  assert.deepEqual([...Object.keys(manifest.files), 'outrider.json'].sort(), readdirSync(out).sort());
  for (const [name, { bytes, sha256 }] of Object.entries(manifest.files)) {
    const content = readFileSync(join(out, name));
    assert.equal(content.length, bytes, name);
    assert.equal(createHash('sha256').update(content).digest('hex'), sha256, name);
  }
  const { quantisation, layerSkip, skipGraph, headSize } = manifest;
  assert.deepEqual([quantisation, layerSkip, skipGraph, headSize], ['q8', false, 'model.skip.onnx', 260]);
});

test('the same weights give the same graph and data from GGUF and from the hub', async () => {
  const [fromHub, fromGguf] = [outFolder(), outFolder()];
  const first = await buildModel({ ...base, out: fromHub, quantisation: 'f32' });
  const second = await buildModel({ ...base, out: fromGguf, quantisation: 'f32', source: gguf });
  assert.deepEqual(second.files['model.onnx.data'], first.files['model.onnx.data']);
  assert.equal(second.vocabularyFingerprint, first.vocabularyFingerprint);
});

test('an occupied output folder is refused, an empty one is filled', async () => {
  await assert.rejects(buildModel({ ...base, out: source }), refusal(/exists already\. Remove it/));
  const empty = mkdtempSync(join(root, 'empty-'));
  await buildModel({ ...base, out: empty });
  assert.ok(existsSync(join(empty, 'outrider.json')));
});

test('a cancelled build stops between parts and leaves nothing', async () => {
  const abort = new AbortController();
  const seen: string[] = [];
  const onProgress = (done: number, total: number, what: string) => {
    seen.push(`${done}/${total} ${what}`);
    if (what === 'layer 2 of 2') abort.abort();
  };
  const out = outFolder();
  await assert.rejects(buildModel({ ...base, out, onProgress, signal: abort.signal }), { code: 'cancelled' });
  assert.deepEqual(seen, ['0/4 embedding', '1/4 layer 1 of 2', '2/4 layer 2 of 2']);
  assert.equal(existsSync(out), false);
  assert.deepEqual(leftovers(), []);
});

test('weights that are not numbers, missing or unknown stop the build and leave nothing', async () => {
  const damagedBy = (change: (tensors: ReturnType<typeof tinyTensors>) => void) => {
    const tensors = tinyTensors();
    change(tensors);
    return writeTinyHub(join(root, `damaged-${count++}`), {}, tensors);
  };
  const down = 'model.layers.1.mlp.down_proj.weight';
  const nan = damagedBy((tensors) => tensors.get(down)!.values.fill(Number.NaN, 17, 18));
  const missing = damagedBy((tensors) => void tensors.delete(down));
  const unknown = damagedBy(
    (tensors) => void tensors.set('model.layers.0.self_attn.q_proj.bias', tensors.get(down)!),
  );
  const out = outFolder();
  await assert.rejects(
    buildModel({ ...base, out, source: nan }),
    refusal(/down_proj\.weight holds NaN at position 17/),
  );
  await assert.rejects(
    buildModel({ ...base, out, source: missing }),
    refusal(/down_proj\.weight is missing/),
  );
  await assert.rejects(buildModel({ ...base, out, source: unknown }), refusal(/q_proj\.bias has no place/));
  assert.equal(existsSync(out), false);
  assert.deepEqual(leftovers(), []);
});

test('a draft takes the fingerprint of the target’s tokenizer, copies none, and lists the ids of its head', async () => {
  const draft = writeTinyHub(join(root, 'draft'), { head_size: 100, tie_word_embeddings: false });
  const writeHeadIds = (ids: readonly number[]) => {
    const tensor = { shape: [100], values: Int32Array.from(ids) };
    const tensors = new Map<string, TinyTensor | IntegerTensor>(tinyTensors(100));
    tensors.set('head_token_ids', tensor);
    writeFileSync(join(draft, 'model.safetensors'), safetensorsBytes(tensors));
  };
  const options = { ...base, out: outFolder(), source: draft, tokenizerFrom: source };
  const ids = Array.from({ length: 100 }, (_, i) => 2 * i);
  writeHeadIds([...ids.slice(1), 260]);
  await assert.rejects(buildModel(options), refusal(/head_token_ids has an id outside 0 to 259/));
  writeHeadIds([...ids.slice(1), 198]);
  await assert.rejects(buildModel(options), refusal(/head_token_ids names a token twice/));
  writeHeadIds(ids);
  const manifest = await buildModel(options);
  const target = await buildModel({ ...base, out: outFolder() });
  assert.equal(manifest.vocabularyFingerprint, target.vocabularyFingerprint);
  assert.deepEqual([manifest.layerSkip, manifest.skipGraph, manifest.headSize], [false, null, 100]);
  assert.equal(existsSync(join(options.out, 'tokenizer.json')), false);
  const written = readFileSync(join(options.out, manifest.headTokenIds!));
  assert.deepEqual(
    ids.map((_, i) => written.readUInt32LE(4 * i)),
    ids,
  );
});

test('widths that do not fit blocks are refused with the way out', async () => {
  const odd = writeTinyHub(join(root, 'odd'), { intermediate_size: 80 });
  await assert.rejects(
    buildModel({ ...base, out: outFolder(), source: odd }),
    refusal(/Build it with quantisation f32/),
  );
});
