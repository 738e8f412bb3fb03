import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { GrammarChecker } from './grammar-checker.js';
import type { GrammarSpec } from './grammar-spec.js';
import { packVocabulary } from './vocabulary.js';

const bytes = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
const vocabulary = packVocabulary([...bytes, new Uint8Array(0)], [256]);
const checker = new GrammarChecker({ vocabulary: () => vocabulary });
after(() => checker.close());

const schema = (value: unknown): GrammarSpec => ({ kind: 'json_schema', schema: JSON.stringify(value) });

const refused = (spec: GrammarSpec, pattern: RegExp) =>
  assert.rejects(checker.check(spec, 'here'), (error: { code: string; field: string; message: string }) => {
    assert.equal(error.code, 'invalid_argument');
    assert.equal(error.field, 'here');
    assert.match(error.message, /^here: /);
    assert.match(error.message, pattern);
    assert.doesNotMatch(error.message, /\.cc|Users|Aborted/);
    return true;
  });

test('accepts grammars of every kind', async () => {
  await checker.check({ kind: 'json_object' }, 'here');
  await checker.check(schema({ type: 'object', properties: { a: { type: 'string' } } }), 'here');
  await checker.check({ kind: 'regex', pattern: '^[0-9]{3}$' }, 'here');
  await checker.check({ kind: 'choice', choices: ['yes', 'no"', 'é\\'] }, 'here');
  await checker.check({ kind: 'ebnf', grammar: 'root ::= "a"+' }, 'here');
});

test('says what is wrong in words without paths, and goes on', async () => {
  await refused({ kind: 'regex', pattern: '(((' }, /The parenthesis is not closed/);
  await refused({ kind: 'ebnf', grammar: 'root ::= foo' }, /Rule "foo" is not defined/);
  await refused(schema({ type: 'nonsense' }), /Unsupported type "nonsense"/);
  await checker.check({ kind: 'json_object' }, 'here');
});

const nested = (depth: number) =>
  `${'{"type":"array","items":'.repeat(depth)}{"type":"string"}${'}'.repeat(depth)}`;
const HOSTILE: Record<string, readonly [GrammarSpec, RegExp]> = {
  'a schema that is only itself': [schema({ $ref: '#' }), /no text can ever match/],
  'two definitions that are each other': [
    schema({ $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } }, $ref: '#/$defs/a' }),
    /no text can ever match/,
  ],
  'a rule that is only itself': [
    { kind: 'ebnf', grammar: 'root ::= a\na ::= root' },
    /no text can ever match/,
  ],
  'deep nesting': [{ kind: 'json_schema', schema: nested(65) }, /nested deeper than 64 levels/],
  'nesting that overflows a stack': [
    { kind: 'json_schema', schema: `{"const":${'['.repeat(30_000)}${']'.repeat(30_000)}}` },
    /nested deeper/,
  ],
  'a huge enumeration': [
    schema({ enum: Array.from({ length: 9_000 }, (_, i) => i) }),
    /more than 8192 values/,
  ],
  'a huge text': [schema({ description: 'x'.repeat(70_000) }), /at most 65536 bytes/],
  'nested repetition': [
    { kind: 'regex', pattern: '((a{1,1000}){1,1000}){1,1000}' },
    /longer than|too complex/,
  ],
  'a schema with a pattern of nested repetition': [
    schema({ type: 'string', pattern: '^((a{1,1000}){1,1000}){1,1000}$' }),
    /longer than|too complex/,
  ],
  'no JSON': [{ kind: 'json_schema', schema: '{' }, /is not JSON/],
};

test('hostile grammars are refused in bounded time, one after the other', async () => {
  const quick = new GrammarChecker({ vocabulary: () => vocabulary, timeoutMs: 800 });
  for (const [name, [spec, pattern]] of Object.entries(HOSTILE))
    await assert.rejects(quick.check(spec, 'here'), { code: 'invalid_argument', message: pattern }, name);
  await quick.check({ kind: 'json_object' }, 'here');
  await quick.close();
});

test('grammars at the bounds are accepted', async () => {
  await checker.check({ kind: 'json_schema', schema: nested(40) }, 'here');
  await checker.check(schema({ enum: Array.from({ length: 1_000 }, (_, i) => `value ${i}`) }), 'here');
  await checker.check(
    { kind: 'choice', choices: Array.from({ length: 1_024 }, (_, i) => `choice ${i}`) },
    'here',
  );
  await checker.check({ kind: 'regex', pattern: 'a{1,100000}' }, 'here');
  const tree = { type: 'object', properties: { kids: { type: 'array', items: { $ref: '#' } } } };
  await checker.check(schema(tree), 'here');
});

test('what the automaton would leave out of account is refused by name', async () => {
  const ignored = ['not', 'if', 'multipleOf', 'contains', 'uniqueItems', 'dependentRequired'];
  for (const keyword of ignored)
    await refused(
      schema({ anyOf: [{ properties: { a: { [keyword]: {} } } }] }),
      new RegExp(`keyword ${keyword}`),
    );
  // As the name of a property it is no keyword.
  await checker.check(schema({ type: 'object', properties: { not: { type: 'string' } } }), 'here');
  await refused(schema({ allOf: [{ type: 'object' }, { type: 'string' }] }), /allOf/);
  await refused(schema({ type: 'string', pattern: 'a', minLength: 3 }), /pattern and minLength/);
});
