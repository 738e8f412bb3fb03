import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnswerPiece } from '../tools/answer-piece.js';
import { ContentBlocks } from './content-blocks.js';

const text = (value: string): AnswerPiece => ({ kind: 'text', text: value });
const begin: AnswerPiece = { kind: 'call', index: 0, id: 'call_1', name: 'f' };
const args = (value: string): AnswerPiece => ({ kind: 'arguments', index: 0, text: value });
const end: AnswerPiece = { kind: 'end', index: 0 };

test('each block is opened, grows and is closed before the next one, in order', () => {
  const blocks = new ContentBlocks();
  const events = [text('a'), text('b'), begin, args('{"a"'), args(': 1}'), end, text('c')].flatMap((piece) =>
    blocks.push(piece),
  );
  const delta = (index: number, value: object) => ({ type: 'content_block_delta', index, delta: value });
  assert.deepEqual(
    [...events, ...blocks.finish()],
    [
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      delta(0, { type: 'text_delta', text: 'a' }),
      delta(0, { type: 'text_delta', text: 'b' }),
      { type: 'content_block_stop', index: 0 },
      {
        type: 'content_block_start',
        index: 1,
        content_block: { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} },
      },
      delta(1, { type: 'input_json_delta', partial_json: '{"a"' }),
      delta(1, { type: 'input_json_delta', partial_json: ': 1}' }),
      { type: 'content_block_stop', index: 1 },
      { type: 'content_block_start', index: 2, content_block: { type: 'text', text: '' } },
      delta(2, { type: 'text_delta', text: 'c' }),
      { type: 'content_block_stop', index: 2 },
    ],
  );
  assert.deepEqual(blocks.content, [
    { type: 'text', text: 'ab' },
    { type: 'tool_use', id: 'toolu_1', name: 'f', input: { a: 1 } },
    { type: 'text', text: 'c' },
  ]);
  assert.deepEqual(blocks.finish(), []);
});

test('the input of a call that broke off is its text under a key that says so', () => {
  const inputOf = (given: string) => {
    const blocks = new ContentBlocks();
    for (const piece of [begin, args(given), end]) blocks.push(piece);
    return (blocks.content[0] as { input: object }).input;
  };
  assert.deepEqual(inputOf(''), {});
  assert.deepEqual(inputOf('{"a": "b'), { INVALID_JSON: '{"a": "b' });
  assert.deepEqual(inputOf('[1]'), { INVALID_JSON: '[1]' });
});
