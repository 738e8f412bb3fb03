import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BodyPipe } from '../http/body.pipe.js';
import { chatSchema } from './chat-schema.js';
import { chatGeneration } from './to-generation.js';
import { UNSUPPORTED_FIELDS } from './unsupported-fields.js';

const CHAT = { model: 'm', messages: [{ role: 'user', content: 'Hello' }] };
const tool = (name: string, fields: object = {}) => ({ type: 'function', function: { name, ...fields } });

function inputOf(fields: object) {
  const { input } = chatGeneration(
    new BodyPipe(chatSchema, UNSUPPORTED_FIELDS).transform({ ...CHAT, ...fields }).body,
    undefined,
  );
  assert.ok(input.kind === 'chat');
  return input;
}

function faultOf(fields: object): string | undefined {
  try {
    inputOf(fields);
  } catch (error) {
    return (error as { field?: string }).field;
  }
  return undefined;
}

test('tool_choice says which functions may be called, whether one must be, and how often', () => {
  const tools = [tool('f'), tool('g')];
  const choiceOf = (fields: object) => inputOf({ tools, ...fields }).toolChoice;
  assert.deepEqual(choiceOf({}), { mode: 'auto', parallel: true });
  assert.deepEqual(choiceOf({ tool_choice: 'required', parallel_tool_calls: false }), {
    mode: 'required',
    parallel: false,
  });
  assert.deepEqual(choiceOf({ tool_choice: tool('g') }), { mode: 'required', names: ['g'], parallel: false });
  const allowed = { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [tool('f')] } };
  assert.deepEqual(choiceOf({ tool_choice: allowed }), { mode: 'auto', names: ['f'], parallel: true });
  assert.deepEqual(inputOf({ tools, tool_choice: 'none' }).tools, []);
});

test('no parameters leave the arguments open; strictly, there are none', () => {
  const { tools } = inputOf({ tools: [tool('f'), tool('g', { strict: true, description: 'G.' })] });
  assert.deepEqual(tools, [
    { name: 'f', description: undefined, parameters: undefined },
    { name: 'g', description: 'G.', parameters: { type: 'object', properties: {} } },
  ]);
});

test('tools that cannot be used are named', () => {
  let deep: object = {};
  for (let i = 0; i < 5000; i++) deep = { properties: deep };
  const faults: [object, string][] = [
    [{ tools: [tool('no spaces')] }, 'tools[0].function.name'],
    [{ tools: [tool('x'.repeat(65))] }, 'tools[0].function.name'],
    [{ tools: [tool('f'), tool('f')] }, 'tools'],
    [{ tools: Array.from({ length: 129 }, (_, i) => tool(`f${i}`)) }, 'tools'],
    [{ tools: [{ type: 'custom', custom: { name: 'f' } }] }, 'tools[0].type'],
    [{ tools: [tool('f', { parameters: { type: 'array' } })] }, 'tools[0].function.parameters'],
    [{ tools: [tool('f', { parameters: deep })] }, 'tools[0].function.parameters'],
    [{ tools: [tool('f', { parameters: { description: 'x'.repeat(300_000) } })] }, 'tools'],
    [{ tools: [tool('f', { strict: true, parameters: { not: {} } })] }, 'tools[0].function.parameters'],
    [{ tools: [tool('f')], tool_choice: tool('g') }, 'tool_choice'],
    [{ tools: [tool('f')], tool_choice: 'any' }, 'tool_choice'],
    [{ tool_choice: 'required' }, 'tool_choice'],
    [{ tools: [], tool_choice: 'required' }, 'tool_choice'],
  ];
  for (const [fields, field] of faults) assert.equal(faultOf(fields), field);
  assert.equal(faultOf({ tool_choice: 'auto' }), undefined);
});

test('calls and their results are messages; a result gets the name of the call it answers', () => {
  const call = { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x": 1}' } };
  const { messages } = inputOf({
    messages: [
      { role: 'developer', content: 'D' },
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'a', content: [{ type: 'text', text: 'one' }] },
      { role: 'tool', tool_call_id: 'unknown', content: 'two' },
      { role: 'assistant', content: 'Done.', tool_calls: null },
    ],
  });
  assert.deepEqual(messages, [
    { role: 'system', content: 'D' },
    { role: 'assistant', content: '', toolCalls: [{ id: 'a', name: 'f', arguments: '{"x": 1}' }] },
    { role: 'tool', content: 'one', toolCallId: 'a', name: 'f' },
    { role: 'tool', content: 'two', toolCallId: 'unknown' },
    { role: 'assistant', content: 'Done.' },
  ]);
  assert.equal(faultOf({ messages: [{ role: 'tool', content: 'x' }] }), 'messages[0].tool_call_id');
  assert.equal(
    faultOf({ messages: [{ role: 'assistant', tool_calls: [{ ...call, function: { name: 'f' } }] }] }),
    'messages[0].tool_calls[0].function.arguments',
  );
});
