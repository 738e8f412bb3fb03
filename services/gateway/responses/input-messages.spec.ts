import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inputMessages } from './input-messages.js';

const call = (id: string) => ({
  type: 'function_call' as const,
  call_id: id,
  name: `f-${id}`,
  arguments: '{}',
});
const result = (id: string) => ({ type: 'function_call_output' as const, call_id: id, output: `r-${id}` });

test('instructions come first, and a plain text is the user’s', () => {
  assert.deepEqual(inputMessages('a', 'b'), [
    { role: 'system', content: 'b' },
    { role: 'user', content: 'a' },
  ]);
});

test('calls in a row are one turn with what was said before them, and results know their function', () => {
  const items = [
    { role: 'assistant' as const, content: 'Let me see.' },
    call('1'),
    call('2'),
    result('2'),
    result('1'),
  ];
  assert.deepEqual(inputMessages(items, undefined), [
    {
      role: 'assistant',
      content: 'Let me see.',
      toolCalls: ['1', '2'].map((id) => ({ id, name: `f-${id}`, arguments: '{}' })),
    },
    { role: 'tool', content: 'r-2', toolCallId: '2', name: 'f-2' },
    { role: 'tool', content: 'r-1', toolCallId: '1', name: 'f-1' },
  ]);
});

test('a developer is the system, and a result without its call is let through', () => {
  assert.deepEqual(inputMessages([{ role: 'developer', content: 'a' }, result('9')], undefined), [
    { role: 'system', content: 'a' },
    { role: 'tool', content: 'r-9', toolCallId: '9', name: undefined },
  ]);
});
