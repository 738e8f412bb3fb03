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
