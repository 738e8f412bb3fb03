import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnswerPiece } from '../tools/answer-piece.js';
import { OutputItems } from './output-items.js';

/** Items with ids 1, 2, …; and the short form of the events that tell of some pieces. */
function outputOf(pieces: readonly AnswerPiece[], status: 'completed' | 'incomplete' = 'completed') {
  let id = 0;
  const output = new OutputItems(() => String(++id));
  const events = [...pieces.flatMap((piece) => output.push(piece)), ...output.finish(status)];
  const told = events.map((event) => {
    const { output_index, item } = event as { output_index?: number; item?: { status: string } };
    const name = event.type.replace('response.', '');
    return `${output_index} ${name}${item === undefined ? '' : ` ${item.status}`}`;
  });
  return { items: output.items, told };
}

const text = (value: string): AnswerPiece => ({ kind: 'text', text: value });
const CALL: readonly AnswerPiece[] = [
  { kind: 'call', index: 0, id: 'call_1', name: 'f' },
  { kind: 'arguments', index: 0, text: '{"a"' },
  { kind: 'arguments', index: 0, text: ': 1}' },
];

test('text is a message of one part, opened before its first piece and closed after its last', () => {
  const { items, told } = outputOf([text('a'), text('b')]);
  assert.deepEqual(told, [
    '0 output_item.added in_progress',
    '0 content_part.added',
    '0 output_text.delta',
    '0 output_text.delta',
    '0 output_text.done',
    '0 content_part.done',
    '0 output_item.done completed',
  ]);
  assert.deepEqual(items, [
    {
      id: 'msg_1',
      type: 'message',
      status: 'completed',
      role: 'assistant',
      content: [{ type: 'output_text', text: 'ab', annotations: [], logprobs: [] }],
    },
  ]);
});

test('a call closes the message before it, and text after a call is another message', () => {
  const { items, told } = outputOf([text('a'), ...CALL, { kind: 'end', index: 0 }, text('b')]);
  assert.deepEqual(told.slice(5, 12), [
    '0 output_item.done completed',
    '1 output_item.added in_progress',
    '1 function_call_arguments.delta',
    '1 function_call_arguments.delta',
    '1 function_call_arguments.done',
    '1 output_item.done completed',
    '2 output_item.added in_progress',
  ]);
  assert.deepEqual(items[1], {
    id: 'fc_2',
    type: 'function_call',
    status: 'completed',
    call_id: 'call_1',
    name: 'f',
    arguments: '{"a": 1}',
  });
});

test('only what broke off is incomplete', () => {
  const statusOf = (item: object | undefined) => (item as { status: string }).status;
  const broken = outputOf([text('a'), ...CALL, { kind: 'end', index: 0, isBroken: true }], 'incomplete');
  assert.deepEqual(broken.items.map(statusOf), ['completed', 'incomplete']);
  const cut = outputOf([...CALL, { kind: 'end', index: 0 }, text('b')], 'incomplete');
  assert.deepEqual(cut.items.map(statusOf), ['completed', 'incomplete']);
});

test('an answer of nothing is an empty message', () => {
  const { items, told } = outputOf([]);
  assert.equal(items.length, 1);
  assert.deepEqual(
    [told[0], told.at(-1)],
    ['0 output_item.added in_progress', '0 output_item.done completed'],
  );
});
