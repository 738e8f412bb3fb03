import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inputMessages } from './input-messages.js';

const text = (value: string) => ({ type: 'text' as const, text: value });
const use = { type: 'tool_use' as const, id: 't1', name: 'f', input: { a: 1 } };
const result = (fields: { content?: string; is_error?: boolean }) => ({
  type: 'tool_result' as const,
  tool_use_id: 't1',
  content: fields.content,
  is_error: fields.is_error,
});

test('results of tools are messages of their own, between texts of the user', () => {
  const messages = inputMessages(
    [
      { role: 'user', content: [text('a')] },
      { role: 'assistant', content: [text('b'), use] },
      { role: 'user', content: [result({ content: 'c' }), text('d'), text('e')] },
    ],
    'system',
  );
  assert.deepEqual(messages, [
    { role: 'system', content: 'system' },
    { role: 'user', content: 'a' },
    { role: 'assistant', content: 'b', toolCalls: [{ id: 't1', name: 'f', arguments: '{"a":1}' }] },
    { role: 'tool', content: 'c', toolCallId: 't1', name: 'f' },
    { role: 'user', content: 'de' },
  ]);
});

test('a failed call says so, a silent one says nothing', () => {
  const contentOf = (fields: object) =>
    inputMessages([{ role: 'user', content: [result(fields)] }], undefined)[0]?.content;
  assert.equal(contentOf({ content: 'no network', is_error: true }), 'Error: no network');
  assert.equal(contentOf({}), '');
});

test('the assistant may not have the last word', () => {
  assert.throws(() => inputMessages([{ role: 'assistant', content: [text('a')] }], undefined), {
    code: 'invalid_argument',
    field: 'messages[0].role',
  });
});
