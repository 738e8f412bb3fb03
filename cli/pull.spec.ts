import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { GGUF, hostModel, manifestOf, modelBench } from '../test/support/model-bench.js';
import { pull } from './pull.js';

test('pulls a target together with its bundled draft, and shows progress', async (context) => {
  const { hub, home, options } = await modelBench(context);
  hostModel(hub);
  const draft = join(options.catalog.folder, 'tiny-draft');
  await mkdir(draft);
  await writeFile(join(draft, 'model.onnx'), GGUF);
  await writeFile(
    join(draft, 'outrider.json'),
    JSON.stringify(manifestOf('tiny-draft', { 'model.onnx': GGUF })),
  );
  const stream = new PassThrough();
  const pulled = await pull({ ...options, stream, verify: true });
  assert.deepEqual(pulled, [
    { name: 'tiny', folder: join(home, 'models', 'tiny-q8') },
    { name: 'tiny-draft', folder: draft },
  ]);
  assert.match(String(stream.read()), /Downloading model\.safetensors.*Verifying model\.onnx/s);
});
