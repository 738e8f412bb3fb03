// Structured output on real weights: answers match what was asked for, whatever the temperature, and speculation gives
// the text of plain decoding, also when the draft dies on the way.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { waitUntilServing } from '#libs/rpc/index.js';
import { startTestStack, type TestStack } from '../support/test-stack.js';

let stack: TestStack;
before(async () => {
  stack = await startTestStack();
});
after(() => stack.stop());

interface Answer {
  readonly choices: readonly [
    { readonly message: { readonly content: string }; readonly finish_reason: string },
  ];
  readonly usage: { readonly completion_tokens: number };
  readonly metrics: {
    readonly speculative_decoding: { readonly num_accepted_draft_tokens: number };
    readonly outrider: { readonly draft_failures: number };
  };
  readonly error?: { readonly message: string; readonly param: string };
}

async function ask(content: string, fields: object): Promise<Answer> {
  const response = await fetch(`${stack.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'smollm2-135m-instruct',
      messages: [{ role: 'user', content }],
      max_tokens: 120,
      temperature: 0,
      ...fields,
    }),
  });
  return (await response.json()) as Answer;
}

const PERSON = {
  type: 'object',
  properties: {
    name: { type: 'string', maxLength: 30 },
    age: { type: 'integer', minimum: 0, maximum: 120 },
    hobbies: { type: 'array', items: { enum: ['reading', 'sport', 'music'] }, minItems: 1, maxItems: 3 },
  },
  required: ['name', 'age', 'hobbies'],
  additionalProperties: false,
};
const personFormat = {
  response_format: { type: 'json_schema', json_schema: { name: 'person', strict: true, schema: PERSON } },
};
const PROMPTS = [
  'Describe a person as JSON: Anna, 34, likes books.',
  'Invent a person and answer in JSON.',
  'Who is the president of France? Answer as JSON with name, age and hobbies.',
];

function assertPerson(text: string): void {
  const person = JSON.parse(text) as { name: string; age: number; hobbies: string[] };
  assert.deepEqual(Object.keys(person), ['name', 'age', 'hobbies']);
  assert.ok(typeof person.name === 'string' && person.name.length <= 30);
  assert.ok(Number.isInteger(person.age) && person.age >= 0 && person.age <= 120, text);
  assert.ok(person.hobbies.length >= 1 && person.hobbies.length <= 3);
  for (const hobby of person.hobbies) assert.ok(['reading', 'sport', 'music'].includes(hobby));
}

test('greedy answers match their schema, and speculation gives the text of plain decoding', async () => {
  let accepted = 0;
  for (const prompt of PROMPTS) {
    const plain = await ask(prompt, { ...personFormat, speculation: { enabled: false } });
    assertPerson(plain.choices[0].message.content);
    assert.equal(plain.choices[0].finish_reason, 'stop');
    for (const gamma of [0, 4]) {
      const drafted = await ask(prompt, { ...personFormat, speculation: { num_speculative_tokens: gamma } });
      assert.equal(drafted.choices[0].message.content, plain.choices[0].message.content);
      assert.equal(drafted.usage.completion_tokens, plain.usage.completion_tokens);
      accepted += drafted.metrics.speculative_decoding.num_accepted_draft_tokens;
    }
  }
  assert.ok(accepted > 0, 'no draft was ever accepted');
});

test('sampled answers match their schema', async () => {
  for (let seed = 0; seed < 5; seed++) {
    const answer = await ask(PROMPTS[seed % 3]!, { ...personFormat, temperature: 1.5, seed });
    assertPerson(answer.choices[0].message.content);
  }
});

test('regex, choice and grammar are kept to', async () => {
  const date = await ask('When did the war end?', {
    temperature: 1,
    structured_outputs: { regex: '[0-9]{4}-[0-9]{2}-[0-9]{2}' },
  });
  assert.match(date.choices[0].message.content, /^\d{4}-\d{2}-\d{2}$/);
  const choice = await ask('Is the sky blue?', { structured_outputs: { choice: ['yes!', 'n"o', 'é'] } });
  assert.ok(['yes!', 'n"o', 'é'].includes(choice.choices[0].message.content));
  const grammar = await ask('Count.', {
    guided_grammar: 'root ::= "1" (", " [0-9]){1,5} "."',
    temperature: 1,
  });
  assert.match(grammar.choices[0].message.content, /^1(, \d){1,5}\.$/);
});

test('an object of any kind parses, max_tokens cuts it, and ignore_eos ends where nothing can follow', async () => {
  const object = { response_format: { type: 'json_object' } };
  const cut = await ask('Describe the sea as JSON.', { ...object, max_tokens: 3 });
  assert.equal(cut.choices[0].finish_reason, 'length');
  const regex = { structured_outputs: { regex: 'a{3}b' } };
  const ended = await ask('Say something.', { ...regex, ignore_eos: true });
  assert.equal(ended.choices[0].message.content, 'aaab');
  assert.equal(ended.choices[0].finish_reason, 'stop');
  const long = await ask('Say a.', { structured_outputs: { regex: 'a+' }, ignore_eos: true, max_tokens: 9 });
  assert.deepEqual([long.choices[0].finish_reason, long.usage.completion_tokens], ['length', 9]);
});

test('parameters that leave nothing of a grammar are a 400 that says so', async () => {
  const { error } = await ask('Say a.', { structured_outputs: { regex: '[a-z]+' }, allowed_token_ids: [28] });
  assert.match(error!.message, /grammar and the sampling parameters forbid every token/);
  const early = await ask('Say a.', { structured_outputs: { regex: 'ab' }, min_tokens: 20 });
  assert.match(early.error!.message, /grammar and the sampling parameters forbid every token/);
});

test('a draft killed on the way changes nothing', async () => {
  const plain = await ask(PROMPTS[0]!, { ...personFormat, speculation: { enabled: false } });
  await waitUntilServing(stack.draftEndpoint, AbortSignal.timeout(30_000));
  const answer = ask(PROMPTS[0]!, { ...personFormat, speculation: { num_speculative_tokens: 2 } });
  setTimeout(() => process.kill(stack.pid('draft')!, 'SIGKILL'), 60);
  assert.equal((await answer).choices[0].message.content, plain.choices[0].message.content);
});
