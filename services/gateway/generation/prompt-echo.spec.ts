import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { test } from 'node:test';
import { bytesOf, IM_END, IM_START, makeTinyModelFolder } from '../../../test/support/tiny-model-folder.js';
import { FolderTextModel } from './folder-text-model.js';
import type { PromptInput } from './generation-request.js';
import { PromptReading } from './prompt-echo.js';

const entry = { logprob: -1, topIds: [], topLogprobs: [] };

test('offsets fit the text as it was written: after what the tokenizer adds, with special tokens spelt out', async (t) => {
  const folder = await makeTinyModelFolder();
  t.after(() => rm(folder, { recursive: true }));
  const model = await FolderTextModel.open(folder, undefined);
  const offsetsOf = async (input: PromptInput, tokens: readonly number[]) => {
    const reading = new PromptReading(model, input, tokens);
    reading.report(tokens.slice(1).map(() => entry));
    const { text, scores } = await reading.echo;
    return [text, scores!.map(({ offset }) => offset)] as const;
  };
  const spelt = [...bytesOf('é'), IM_END, ...bytesOf('a')];
  const text = 'é<|im_end|>a';
  assert.deepEqual(await offsetsOf({ kind: 'text', text }, spelt), [text, [0, 0, 1, 11]]);
  assert.deepEqual(await offsetsOf({ kind: 'tokens', tokens: spelt }, spelt), [text, [0, 0, 1, 11]]);
  assert.deepEqual(await offsetsOf({ kind: 'text', text }, [IM_START, ...spelt]), [text, [0, 0, 0, 1, 11]]);
});

test('what was reported first stands', async (t) => {
  const folder = await makeTinyModelFolder();
  t.after(() => rm(folder, { recursive: true }));
  const model = await FolderTextModel.open(folder, undefined);
  const reading = new PromptReading(model, { kind: 'text', text: 'ab' }, bytesOf('ab'));
  reading.report(undefined);
  reading.report([entry]);
  assert.deepEqual(await reading.echo, { text: 'ab', scores: undefined });
});
