import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Automaton } from './automaton.js';
import type { GrammarSpec } from './grammar-spec.js';
import { packVocabulary } from './vocabulary.js';

test('choices are constants, whatever characters they hold', async () => {
  const choices = ['a"b', 'a\\', 'é', 'a\nb', '| "x"', '\u0000', '😀', ']['];
  const bytes = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
  const whole = new Automaton(packVocabulary([...bytes, new Uint8Array(0)], [256]));
  for (const choice of choices) {
    const generated = [...Buffer.from(choice)];
    const request = { generationId: choice, generated, drafted: [256], avoidEnd: false };
    const { numRows } = await whole.masks({ kind: 'choice', choices }, request);
    assert.equal(numRows, 2, JSON.stringify(choice));
  }
});

test('a structural tag lets text run free and holds its parts to their schema, with our own rules in it', async () => {
  const bytes = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
  const whole = new Automaton(packVocabulary([...bytes, new Uint8Array(0)], [256]));
  const schema = { type: 'object', properties: { n: { type: 'integer', maximum: 120 } }, required: ['n'] };
  const content = { type: 'json_schema', json_schema: schema };
  const format = {
    type: 'triggered_tags',
    triggers: ['<call>'],
    tags: [{ type: 'tag', begin: '<call>', content, end: '</call>' }],
  };
  const spec: GrammarSpec = {
    kind: 'structural_tag',
    tag: JSON.stringify({ type: 'structural_tag', format }),
  };
  const accepts = async (text: string) => {
    const drafted = [...Buffer.from(text), 256];
    const { numRows } = await whole.masks(spec, {
      generationId: 'tag',
      generated: [],
      drafted,
      avoidEnd: false,
    });
    return numRows === drafted.length + 1;
  };
  assert.ok(await accepts('Nothing to call.'));
  assert.ok(await accepts('I call <call>{"n": 120}</call> and go on.'));
  assert.ok(!(await accepts('<call>{"n": 121}</call>')));
  assert.ok(!(await accepts('<call>{"m": 1}</call>')));
  assert.ok(!(await accepts('<call>{"n": 1}')));
});
