import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { bytesOf, IM_END, IM_START, makeTinyModelFolder } from '../../../test/support/tiny-model-folder.js';
import { FolderTextModel } from './folder-text-model.js';

async function tinyFolder(t: TestContext): Promise<string> {
  const folder = await makeTinyModelFolder({ contextLength: 100_000 });
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

async function tinyModel(t: TestContext): Promise<FolderTextModel> {
  const model = await FolderTextModel.open(await tinyFolder(t), undefined);
  t.after(() => model.close());
  return model;
}

test('a long prompt, encoded in its thread, gives the tokens of a short one', async (t) => {
  const model = await tinyModel(t);
  for (const length of [10, 30_000]) {
    const text = 'long and longer '.repeat(length / 10);
    assert.deepEqual(await model.encode(text), bytesOf(text));
    assert.deepEqual(await model.encodeChat([{ role: 'user', content: text }]), [
      IM_START,
      ...bytesOf(`user\n${text}`),
      IM_END,
      ...bytesOf('\n'),
      IM_START,
      ...bytesOf('assistant\n'),
    ]);
  }
});

test('many tokens, decoded in the thread, give the text that few would', async (t) => {
  const model = await tinyModel(t);
  const text = '<|im_start|>é 🌊';
  for (const times of [1, 3_000])
    assert.equal(await model.decode(await model.encodePlain(text.repeat(times))), text.repeat(times));
  assert.equal(model.tokenName(IM_END), '<|im_end|>');
  assert.equal(model.tokenName(1_000_000), undefined);
});

test('what the thread refuses keeps its code and field, and the thread goes on', async (t) => {
  const model = await tinyModel(t);
  const content = 'x'.repeat(20_000);
  await assert.rejects(model.encodeChat([{ role: 'stranger', content }]), {
    code: 'invalid_argument',
    field: 'messages',
  });
  assert.equal((await model.encode(content)).length, 20_000);
});

test('texts that cannot fit are refused without being encoded', async (t) => {
  const model = await tinyModel(t);
  const content = 'x'.repeat(3_000_000);
  await assert.rejects(model.encode(content), { code: 'context_length_exceeded', field: 'prompt' });
  const messages = [{ role: 'user', content }];
  await assert.rejects(model.encodeChat(messages), { code: 'context_length_exceeded', field: 'messages' });
});

test("a closed model's waiting prompts fail instead of waiting for ever", async (t) => {
  const model = await tinyModel(t);
  const encoded = model.encode('x'.repeat(50_000));
  await model.close();
  await assert.rejects(encoded, { code: 'internal' });
});

test('a damaged manifest or the tokenizer of another model is an error that names the folder', async (t) => {
  const folder = await tinyFolder(t);
  const manifest = join(folder, 'outrider.json');
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify({ model: { vocab: {} }, added_tokens: [] }));
  await assert.rejects(FolderTextModel.open(folder, undefined), { code: 'failed_precondition' });
  await writeFile(manifest, '{"format": 2}');
  await assert.rejects(FolderTextModel.open(folder, undefined), ({ message }: Error) =>
    message.includes(manifest),
  );
});
