// Tools through the official OpenAI client: what the model is told, and how its calls come back, whole and streamed.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type OpenAI from 'openai';
import { type GatewayUnderTest, gatewayUnderTest } from '../support/gateway-harness.js';
import { bytesOf, IM_END } from '../support/tiny-model-folder.js';

const WEATHER: OpenAI.ChatCompletionFunctionTool = {
  type: 'function',
  function: {
    name: 'weather',
    description: 'Tells the weather.',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
};
const CHAT = {
  model: 'tiny',
  messages: [{ role: 'user' as const, content: 'Rome or Paris?' }],
  tools: [WEATHER, { type: 'function' as const, function: { name: 'now' } }],
};
const ROME = '<tool_call>\n{"name": "weather", "arguments": {"city": "Röme"}}\n</tool_call>';
const NOW = '<tool_call>\n{"name": "now", "arguments": {}}\n</tool_call>';

/** Room for the descriptions of tools, which take one token a byte. */
const gateway = (context: TestContext) => gatewayUnderTest(context, { contextLength: 4096 });

/** The fake model answers `text` from now on. */
function answerWith({ verifiers }: GatewayUnderTest, text: string): void {
  verifiers[0]!.script = [...bytesOf(text), IM_END];
}

/** The prompt of the last request. */
function promptOf({ verifiers }: GatewayUnderTest): string {
  const bytes = verifiers[0]!.requests.at(-1)!.tokens.map((token) => Math.max(token - 3, 0));
  return Buffer.from(bytes).toString();
}

test('calls come back in the message, with ids, and end the answer with tool_calls', async (t) => {
  const under = await gateway(t);
  answerWith(under, `Let me see.\n${ROME}\n${NOW}`);
  const { choices } = await under.client.chat.completions.create(CHAT);
  const [choice] = choices;
  assert.equal(choice!.finish_reason, 'tool_calls');
  assert.equal(choice!.message.content, 'Let me see.');
  const calls = choice!.message.tool_calls!;
  assert.deepEqual(
    calls.map((call) => call.type === 'function' && call.function),
    [
      { name: 'weather', arguments: '{"city": "Röme"}' },
      { name: 'now', arguments: '{}' },
    ],
  );
  for (const { id } of calls) assert.match(id, /^call_[0-9a-f]{32}$/);
  assert.equal(new Set(calls.map(({ id }) => id)).size, 2);
  answerWith(under, ROME);
  const alone = await under.client.chat.completions.create(CHAT);
  assert.equal(alone.choices[0]!.message.content, null);
});

test('streamed, a call begins with its id and name, and its arguments come as they are written', async (t) => {
  const under = await gateway(t);
  answerWith(under, `Let me see.\n${ROME}\n${NOW}`);
  const stream = await under.client.chat.completions.create({ ...CHAT, stream: true });
  const deltas: OpenAI.ChatCompletionChunk.Choice.Delta[] = [];
  const reasons = [];
  for await (const { choices } of stream) {
    deltas.push(choices[0]!.delta);
    reasons.push(choices[0]!.finish_reason);
  }
  assert.equal(deltas.map(({ content }) => content ?? '').join(''), 'Let me see.');
  assert.deepEqual(reasons, [...reasons.slice(1).map(() => null), 'tool_calls']);
  const calls = deltas.flatMap(({ tool_calls = [] }) => tool_calls);
  const [first, ...later] = calls.filter(({ index }) => index === 0);
  assert.deepEqual(
    { ...first, id: 0 },
    { index: 0, id: 0, type: 'function', function: { name: 'weather', arguments: '' } },
  );
  assert.ok(later.length > 3, 'the arguments come in pieces');
  for (const { id, type, function: named } of later)
    assert.deepEqual([id, type, Object.keys(named!)], [undefined, undefined, ['arguments']]);
  assert.equal(later.map((call) => call.function!.arguments).join(''), '{"city": "Röme"}');
});

test('the stream helper of the client puts the calls together', async (t) => {
  const under = await gateway(t);
  answerWith(under, `${ROME}${NOW}`);
  const stream = under.client.chat.completions.stream(CHAT);
  const done: string[] = [];
  stream.on('tool_calls.function.arguments.done', ({ name, arguments: given }) =>
    done.push(`${name} ${given}`),
  );
  const completion = await stream.finalChatCompletion();
  assert.equal(completion.choices[0]!.finish_reason, 'tool_calls');
  assert.deepEqual(done, ['weather {"city": "Röme"}', 'now {}']);
});

test('a whole conversation with calls and results reaches the model, and its text answer the client', async (t) => {
  const under = await gateway(t);
  answerWith(under, ROME);
  const runner = under.client.chat.completions.runTools({
    ...CHAT,
    tools: [
      {
        type: 'function',
        function: {
          name: 'weather',
          description: 'Tells the weather.',
          parameters: WEATHER.function.parameters!,
          parse: JSON.parse,
          function: ({ city }: { city: string }) => {
            answerWith(under, 'It rains.');
            return `rain in ${city}`;
          },
        },
      },
    ],
  });
  assert.equal(await runner.finalContent(), 'It rains.');
  const prompt = promptOf(under);
  assert.match(prompt, /^.system\nYou can call functions\./s);
  assert.ok(prompt.includes('"description":"Tells the weather."'));
  assert.ok(prompt.includes(`assistant\n${ROME}`));
  assert.ok(prompt.includes('user\n<tool_response>\nrain in Röme\n</tool_response>'));
});

test('text that is no call of an offered function stays text, and tool_choice none offers none', async (t) => {
  const under = await gateway(t);
  const other = '<tool_call>{"name": "other", "arguments": {}}</tool_call>';
  answerWith(under, other);
  const { choices } = await under.client.chat.completions.create(CHAT);
  assert.deepEqual([choices[0]!.message.content, choices[0]!.finish_reason], [other, 'stop']);
  answerWith(under, ROME);
  const none = await under.client.chat.completions.create({ ...CHAT, tool_choice: 'none' });
  assert.deepEqual([none.choices[0]!.message.content, none.choices[0]!.finish_reason], [ROME, 'stop']);
  assert.ok(!promptOf(under).includes('weather'));
});

test('an answer that is cut off in a call says length, or stop, and keeps the part that came', async (t) => {
  const under = await gateway(t);
  answerWith(under, ROME);
  const max_completion_tokens = ROME.indexOf('Röme');
  for (const [fields, reason] of [
    [{ max_completion_tokens }, 'length'],
    [{ stop: 'Rö' }, 'stop'],
  ] as const) {
    const { choices } = await under.client.chat.completions.create({ ...CHAT, ...fields });
    assert.equal(choices[0]!.finish_reason, reason);
    const [call] = choices[0]!.message.tool_calls!;
    assert.equal(call!.type === 'function' && call!.function.arguments, '{"city": "');
  }
});

test('each of several choices has calls of its own', async (t) => {
  const under = await gateway(t);
  answerWith(under, `Well. ${ROME}`);
  const stream = under.client.chat.completions.stream({ ...CHAT, n: 2 });
  const { choices } = await stream.finalChatCompletion();
  assert.equal(choices.length, 2);
  for (const { message, finish_reason } of choices) {
    assert.deepEqual([message.content, finish_reason], ['Well.', 'tool_calls']);
    const [call] = message.tool_calls!;
    assert.equal(call!.type === 'function' && call!.function.arguments, '{"city": "Röme"}');
  }
  const ids = choices.map(({ message }) => message.tool_calls![0]!.id);
  assert.notEqual(ids[0], ids[1]);
});
