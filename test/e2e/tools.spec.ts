// Tools on real weights. The model is too small to call well, so the grammar must do it: whatever it says, a call is one of
// an offered function with arguments that fit its schema.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type OpenAI from 'openai';
import { openAiClient } from '../support/chat.js';
import { startTestStack, type TestStack } from '../support/test-stack.js';

type Fields = Omit<Partial<OpenAI.ChatCompletionCreateParamsNonStreaming>, 'stream'>;

const WEATHER: OpenAI.ChatCompletionFunctionTool = {
  type: 'function',
  function: {
    name: 'weather',
    description: 'Tells the weather of a city.',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string', maxLength: 12 }, unit: { enum: ['celsius', 'fahrenheit'] } },
      required: ['city', 'unit'],
      additionalProperties: false,
    },
  },
};
const SUM: OpenAI.ChatCompletionFunctionTool = {
  type: 'function',
  function: {
    name: 'sum',
    description: 'Adds two numbers of one digit.',
    parameters: {
      type: 'object',
      properties: { a: { type: 'integer', enum: [1, 2, 3] }, b: { type: 'boolean' } },
      required: ['a', 'b'],
      additionalProperties: false,
    },
  },
};
const QUESTIONS = ['What is the weather in Rome?', 'Tell me a story.'];

let stack: TestStack;
let client: OpenAI;
before(async () => {
  stack = await startTestStack();
  client = openAiClient(stack.url);
});
after(() => stack.stop());

const body = (question: string, fields: Fields) => ({
  model: 'smollm2-135m-instruct',
  messages: [{ role: 'user' as const, content: question }],
  tools: [WEATHER, SUM],
  temperature: 0,
  max_completion_tokens: 64,
  ...fields,
});

interface Call {
  readonly name: string;
  readonly given: string;
}

async function ask(
  question: string,
  fields: Fields,
): Promise<{ text: string | null; calls: Call[]; reason: string }> {
  const { choices } = await client.chat.completions.create(body(question, fields));
  const { message, finish_reason: reason } = choices[0]!;
  const calls = (message.tool_calls ?? []).map((call) => {
    assert.ok(call.type === 'function');
    return { name: call.function.name, given: call.function.arguments };
  });
  return { text: message.content, calls, reason };
}

function assertFits({ name, given }: Call): void {
  const value = JSON.parse(given) as Record<string, unknown>;
  if (name === 'sum') {
    assert.deepEqual([Object.keys(value), typeof value.b], [['a', 'b'], 'boolean']);
    assert.ok([1, 2, 3].includes(value.a as number), given);
    return;
  }
  assert.deepEqual([name, Object.keys(value), typeof value.city], ['weather', ['city', 'unit'], 'string']);
  assert.ok(['celsius', 'fahrenheit'].includes(value.unit as string), given);
}

test('a required call comes, complete and fitting, greedy or sampled, and a named one is of that function', async () => {
  for (const question of QUESTIONS)
    for (const sampling of [{}, { temperature: 1.5, seed: 2 }]) {
      const fields = { ...sampling, tool_choice: 'required' as const, parallel_tool_calls: false };
      const required = await ask(question, fields);
      assert.deepEqual([required.text, required.calls.length, required.reason], [null, 1, 'tool_calls']);
      required.calls.forEach(assertFits);
      const choice = { type: 'function' as const, function: { name: 'sum' } };
      const named = await ask(question, { ...sampling, tool_choice: choice });
      assert.deepEqual(
        [named.text, named.calls.map(({ name }) => name), named.reason],
        [null, ['sum'], 'tool_calls'],
      );
      named.calls.forEach(assertFits);
    }
});

test('speculation changes no call, and a stream adds up to the whole', async () => {
  for (const question of QUESTIONS) {
    const fields = { tool_choice: 'required' as const, parallel_tool_calls: false };
    const drafted = await ask(question, fields);
    const off = { ...fields, speculation: { enabled: false } } as Fields;
    assert.deepEqual(await ask(question, off), drafted);
    const stream = client.chat.completions.stream(body(question, fields));
    const { message, finish_reason } = (await stream.finalChatCompletion()).choices[0]!;
    assert.equal(finish_reason, drafted.reason);
    assert.deepEqual(
      message.tool_calls!.map((call) => call.type === 'function' && call.function.arguments),
      drafted.calls.map(({ given }) => given),
    );
  }
});

test('free to call or not, what is called fits', async () => {
  for (const question of QUESTIONS)
    for (const seed of [1, 2]) {
      const { calls, reason } = await ask(question, { temperature: 1, seed });
      const whole = reason === 'length' ? calls.slice(0, -1) : calls;
      whole.forEach(assertFits);
    }
});

test('a conversation goes on after the result of a call', async () => {
  const first = await client.chat.completions.create(
    body(QUESTIONS[0]!, { tool_choice: 'required', parallel_tool_calls: false }),
  );
  const { message } = first.choices[0]!;
  const result = { role: 'tool' as const, tool_call_id: message.tool_calls![0]!.id, content: 'It rains.' };
  const messages = [...body(QUESTIONS[0]!, {}).messages, message, result];
  const { choices, usage } = await client.chat.completions.create({
    ...body('', { tool_choice: 'none' }),
    messages,
  });
  assert.ok(choices[0]!.message.content!.length > 0);
  assert.ok(usage!.prompt_tokens > 0);
});

test('a schema that cannot be held to is refused by name', async () => {
  const parameters = { type: 'object', properties: { a: { type: 'nonsense' } } };
  const tools = [{ type: 'function' as const, function: { name: 'f', parameters } }];
  await assert.rejects(client.chat.completions.create(body('Hello', { tools })), {
    status: 400,
    param: 'tools',
  });
});
