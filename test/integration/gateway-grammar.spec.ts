// Structured output at the gateway: what reaches the verifier, and what is refused before a header is sent.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '#libs/errors/index.js';
import { type GatewayUnderTest, gatewayUnderTest } from '../support/gateway-harness.js';

const CHAT = { model: 'tiny', messages: [{ role: 'user', content: 'Hello' }] };
const SCHEMA = { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] };
const text = JSON.stringify(SCHEMA);

interface Refusal {
  readonly status: number;
  readonly error: { readonly message: string; readonly param: string; readonly code: string };
}

async function post({ url }: GatewayUnderTest, fields: object, path = 'chat/completions'): Promise<Refusal> {
  const response = await fetch(`${url}/v1/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...CHAT, stream: true, ...fields }),
  });
  if (response.ok) await response.text();
  const { error } = response.ok ? { error: undefined as never } : ((await response.json()) as Refusal);
  return { status: response.status, error };
}

const ACCEPTED: readonly (readonly [object, object | undefined])[] = [
  [{ response_format: { type: 'text' } }, undefined],
  [{ response_format: null, guided_regex: null, grammar: '' }, undefined],
  [{ response_format: { type: 'json_object' } }, { kind: 'json_object' }],
  [
    { response_format: { type: 'json_schema', json_schema: { name: 'x', schema: SCHEMA } } },
    { kind: 'json_schema', schema: text, strict: true },
  ],
  [
    { response_format: { type: 'json_schema', json_schema: { name: 'x', strict: false, schema: SCHEMA } } },
    { kind: 'json_schema', schema: text, strict: false },
  ],
  [{ structured_outputs: { json: SCHEMA } }, { kind: 'json_schema', schema: text, strict: true }],
  [{ structured_outputs: { json: text } }, { kind: 'json_schema', schema: text, strict: true }],
  [{ structured_outputs: { json_object: true } }, { kind: 'json_object' }],
  [{ structured_outputs: { regex: '[a-z]+' } }, { kind: 'regex', pattern: '[a-z]+' }],
  [{ structured_outputs: { choice: ['a', '"'] } }, { kind: 'choice', choices: ['a', '"'] }],
  [{ structured_outputs: { grammar: 'root ::= "a"' } }, { kind: 'ebnf', grammar: 'root ::= "a"' }],
  [{ guided_json: SCHEMA }, { kind: 'json_schema', schema: text, strict: true }],
  [{ guided_regex: 'a' }, { kind: 'regex', pattern: 'a' }],
  [{ guided_choice: ['a'] }, { kind: 'choice', choices: ['a'] }],
  [{ guided_grammar: 'root ::= "a"' }, { kind: 'ebnf', grammar: 'root ::= "a"' }],
  [{ json_schema: SCHEMA }, { kind: 'json_schema', schema: text, strict: true }],
  [{ grammar: 'root ::= "a"' }, { kind: 'ebnf', grammar: 'root ::= "a"' }],
];

test('every way to ask for a grammar reaches the verifier as one', async (t) => {
  const gateway = await gatewayUnderTest(t);
  const { requests } = gateway.verifiers[0]!;
  for (const [fields, expected] of ACCEPTED) {
    for (const path of ['chat/completions', 'completions']) {
      const { status } = await post(gateway, { prompt: 'x', ...fields }, path);
      assert.equal(status, 200, JSON.stringify(fields));
      assert.deepEqual(requests.at(-1)!.grammar, expected, JSON.stringify(fields));
    }
  }
});

const nested = (depth: number): unknown => JSON.parse(`${'{"items":'.repeat(depth)}true${'}'.repeat(depth)}`);
const schemaFormat = (schema: unknown) => ({
  response_format: { type: 'json_schema', json_schema: { name: 'x', schema } },
});
const optional = (count: number) => ({
  type: 'object',
  properties: Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`f${i}`, { type: 'object', properties: { a: {}, b: {} } }]),
  ),
});

const REFUSED: readonly (readonly [string, object, RegExp])[] = [
  ['response_format.json_schema.schema', schemaFormat({ type: 'nonsense' }), /Unsupported type "nonsense"/],
  ['response_format.json_schema.schema', schemaFormat({ not: {} }), /keyword not/],
  [
    'response_format.json_schema.schema',
    schemaFormat({ properties: { a: { multipleOf: 2 } } }),
    /multipleOf/,
  ],
  ['response_format.json_schema.schema', schemaFormat({ $ref: 'http://x/y' }), /URI/],
  ['response_format.json_schema.schema', schemaFormat({ $ref: '#' }), /no text can ever match/],
  ['response_format.json_schema.schema', schemaFormat(nested(100)), /nested deeper than 64/],
  [
    'response_format.json_schema.schema',
    schemaFormat({ enum: Array(9_000).fill(1) }),
    /more than 8192 values/,
  ],
  ['response_format.json_schema.schema', schemaFormat({ const: 'x'.repeat(66_000) }), /too large|at most/],
  ['response_format.json_schema.schema', schemaFormat([]), /./],
  ['response_format.json_schema', { response_format: { type: 'json_schema' } }, /./],
  ['structured_outputs.json', { structured_outputs: { json: 'not json' } }, /is not JSON/],
  ['structured_outputs.regex', { structured_outputs: { regex: '(((' } }, /parenthesis is not closed/],
  ['structured_outputs.regex', { structured_outputs: { regex: '(?=a)b' } }, /Lookahead is not supported/],
  ['structured_outputs.regex', { structured_outputs: { regex: 'a$b' } }, /'\$' should be at the end/],
  ['structured_outputs.regex', { structured_outputs: { regex: '' } }, /must not be empty/],
  ['structured_outputs.regex', { structured_outputs: { regex: 'a'.repeat(5000) } }, /at most 4096/],
  ['structured_outputs.choice', { structured_outputs: { choice: [] } }, /1 to 1024/],
  ['structured_outputs.choice', { structured_outputs: { choice: ['a', ''] } }, /empty text/],
  ['structured_outputs.grammar', { structured_outputs: { grammar: 'root ::= foo' } }, /"foo" is not defined/],
  ['guided_grammar', { guided_grammar: 'root ::= a\na ::= root' }, /no text can ever match/],
  ['guided_regex', { guided_regex: 5 }, /./],
  ['json_schema', { json_schema: { type: 5 } }, /./],
];

test('a grammar that cannot be followed is a 400 that names its field and nothing of our machine', async (t) => {
  const gateway = await gatewayUnderTest(t, { maxBodyBytes: 256 * 1024 });
  for (const [param, fields, message] of REFUSED) {
    const { status, error } = await post(gateway, fields);
    const what = JSON.stringify(fields).slice(0, 200);
    assert.equal(status, 400, what);
    assert.equal(error.param, param, what);
    assert.equal(error.code, 'invalid_argument', what);
    assert.match(error.message, message);
    assert.ok(error.message.startsWith(`${param}: `), error.message);
    assert.doesNotMatch(error.message, /\.cc|Aborted|\/Users/);
  }
  assert.equal(gateway.verifiers[0]!.requests.length, 0);
});

test('a verifier that takes over is told the same grammar, with all that was generated', async (t) => {
  const gateway = await gatewayUnderTest(t, { numVerifiers: 2 });
  const error = new AppError('unavailable', 'gone');
  gateway.verifiers[0]!.mishaps.push({ kind: 'fail', afterRounds: 2, error });
  await post(gateway, { structured_outputs: { regex: '[^x]+' } });
  const requests = gateway.verifiers.flatMap((verifier) => verifier.requests);
  assert.equal(requests.length, 2);
  for (const { grammar } of requests) assert.deepEqual(grammar, { kind: 'regex', pattern: '[^x]+' });
  const [first, second] = requests.sort((a, b) => a.tokens.length - b.tokens.length);
  assert.equal(second!.tokens.length, first!.tokens.length + 6);
  assert.equal(second!.promptLength, first!.tokens.length);
});

test('two grammars are a 400 that names both fields', async (t) => {
  const gateway = await gatewayUnderTest(t);
  const { status, error } = await post(gateway, {
    response_format: { type: 'json_object' },
    structured_outputs: { regex: 'a' },
  });
  assert.equal(status, 400);
  assert.match(error.message, /^response_format and structured_outputs\.regex: /);
  const inner = await post(gateway, { structured_outputs: { regex: 'a', choice: ['b'] } });
  assert.match(inner.error.message, /^structured_outputs\.regex and structured_outputs\.choice: /);
});

test('a hostile grammar ends within its bound while the gateway answers others', async (t) => {
  const gateway = await gatewayUnderTest(t);
  const hostile = post(gateway, { structured_outputs: { regex: '((a{1,1000}){1,1000}){1,1000}' } });
  const settled = { yes: false };
  void hostile.finally(() => {
    settled.yes = true;
  });
  let answered = 0;
  while (!settled.yes && answered < 50) {
    assert.equal((await fetch(`${gateway.url}/health`)).status, 200);
    assert.equal((await post(gateway, {})).status, 200);
    answered++;
  }
  const { status, error } = await hostile;
  assert.equal(status, 400);
  assert.equal(error.param, 'structured_outputs.regex');
  assert.match(error.message, /longer than 2000 ms|too complex/);
  assert.ok(answered > 1, 'the gateway stood still');
  assert.equal((await post(gateway, { ...schemaFormat(optional(5)) })).status, 200);
});
