import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GrammarSpec } from '#libs/grammar/index.js';
import { MAX_GRAMMAR_BYTES, MAX_GRAMMAR_CHOICES } from '../limits.js';
import { protocol } from '../load.js';
import { GENERATE_REQUEST } from '../testing.js';
import { generateRequestFromWire, generateRequestToWire } from './generate.js';

const { verifier } = protocol();

function throughWire(grammar: GrammarSpec): GrammarSpec | undefined {
  const bytes = verifier.Generate.requestSerialize(generateRequestToWire({ ...GENERATE_REQUEST, grammar }));
  return generateRequestFromWire(verifier.Generate.requestDeserialize(bytes)).grammar;
}

const SPECS: readonly GrammarSpec[] = [
  { kind: 'json_object' },
  { kind: 'json_schema', schema: '{"type":"string"}', strict: true },
  { kind: 'json_schema', schema: 'true', strict: false },
  { kind: 'regex', pattern: 'é+' },
  { kind: 'choice', choices: ['a', '', '"'] },
  { kind: 'ebnf', grammar: 'root ::= "a"' },
  { kind: 'structural_tag', tag: '{}' },
];

test('every kind of grammar survives the wire', () => {
  for (const spec of SPECS) assert.deepEqual(throughWire(spec), spec);
  assert.deepEqual(throughWire({ kind: 'json_schema', schema: '{}' }), {
    kind: 'json_schema',
    schema: '{}',
    strict: true,
  });
});

test('grammars beyond the bounds are refused by name', () => {
  const long = 'x'.repeat(MAX_GRAMMAR_BYTES + 1);
  assert.throws(() => throughWire({ kind: 'regex', pattern: long }), { field: 'grammar.regex' });
  const choices = new Array<string>(MAX_GRAMMAR_CHOICES + 1).fill('a');
  assert.throws(() => throughWire({ kind: 'choice', choices }), { field: 'grammar.choice' });
  const empty = verifier.Generate.requestDeserialize(
    verifier.Generate.requestSerialize({ ...generateRequestToWire(GENERATE_REQUEST), grammar: {} }),
  );
  assert.throws(() => generateRequestFromWire(empty), { code: 'invalid_argument', field: 'grammar' });
});
