import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GrammarSpec } from '#libs/grammar/index.js';
import type { Tool } from '#libs/tokenizer/index.js';
import { callGrammar } from './call-grammar.js';
import { CALL_SYNTAX } from './call-syntax.js';
import type { ToolChoice } from './tool-choice.js';

const { hermes, llama } = CALL_SYNTAX;
const CITY = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const TOOLS: Tool[] = [{ name: 'weather', parameters: CITY }, { name: 'now' }];
const AUTO: ToolChoice = { mode: 'auto', parallel: true };
const REQUIRED: ToolChoice = { mode: 'required', parallel: true };

interface Format {
  readonly type: string;
  readonly tags: readonly { begin: string; content: { json_schema: object }; end: string }[];
  readonly elements: readonly object[];
  readonly stop_after_first: boolean;
  readonly at_least_one: boolean;
}

function format(tools: Tool[], choice: ToolChoice, syntax = hermes, answer?: GrammarSpec): Format {
  const spec = callGrammar(tools, choice, syntax, answer);
  assert.equal(spec.kind, 'structural_tag');
  return JSON.parse(spec.tag).format;
}

test('free to call, the model writes text until a call begins, and then a whole one', () => {
  const { type, tags, at_least_one, stop_after_first } = format(TOOLS, AUTO);
  assert.deepEqual([type, at_least_one, stop_after_first], ['triggered_tags', false, false]);
  assert.deepEqual(tags[0], {
    type: 'tag',
    begin: '<tool_call>\n{"name": "weather", "arguments": ',
    content: { type: 'json_schema', json_schema: CITY },
    end: '}\n</tool_call>',
  });
  assert.equal(format(TOOLS, { ...AUTO, parallel: false }).stop_after_first, true);
});

test('a required call leaves no room for text, and can be of one function only', () => {
  const { type, tags, at_least_one, stop_after_first } = format(TOOLS, REQUIRED);
  assert.deepEqual(
    [type, at_least_one, stop_after_first, tags.length],
    ['tags_with_separator', true, false, 2],
  );
  const named = format(TOOLS, { mode: 'required', names: ['now'], parallel: false });
  assert.deepEqual(
    named.tags.map(({ begin }) => begin),
    ['<tool_call>\n{"name": "now", "arguments": '],
  );
  assert.equal(named.stop_after_first, true);
});

test('bare calls are never more than one, whatever the client allows', () => {
  const { tags, stop_after_first } = format(TOOLS, REQUIRED, llama);
  assert.deepEqual([tags[0]!.begin, tags[0]!.end], ['{"name": "weather", "parameters": ', '}']);
  assert.equal(stop_after_first, true);
});

test('arguments are an object even where the schema does not say so', () => {
  const schemaOf = (parameters?: Record<string, unknown>) =>
    format([{ name: 'f', parameters }], AUTO).tags[0]!.content.json_schema;
  assert.deepEqual(schemaOf(), { type: 'object' });
  assert.deepEqual(schemaOf({ properties: {} }), { properties: {}, type: 'object' });
  assert.deepEqual(schemaOf({ anyOf: [CITY] }), { anyOf: [CITY] });
});

test('beside a structured answer one call is the alternative; a required call has none', () => {
  const answer: GrammarSpec = { kind: 'json_schema', schema: JSON.stringify(CITY) };
  const { type, elements } = format(TOOLS, AUTO, hermes, answer);
  assert.deepEqual([type, elements.length], ['or', 3]);
  assert.deepEqual(elements[0], { type: 'json_schema', json_schema: CITY });
  const others: GrammarSpec[] = [
    { kind: 'json_object' },
    { kind: 'regex', pattern: 'a+' },
    { kind: 'ebnf', grammar: 'root ::= "a"' },
    { kind: 'choice', choices: ['a', 'b'] },
  ];
  assert.deepEqual(
    others.map((other) => format(TOOLS, AUTO, hermes, other).elements[0]),
    [
      { type: 'json_schema', json_schema: { type: 'object' } },
      { type: 'regex', pattern: 'a+' },
      { type: 'grammar', grammar: 'root ::= "a"' },
      {
        type: 'or',
        elements: [
          { type: 'const_string', value: 'a' },
          { type: 'const_string', value: 'b' },
        ],
      },
    ],
  );
  assert.equal(format(TOOLS, REQUIRED, hermes, answer).type, 'tags_with_separator');
  const tag: GrammarSpec = { kind: 'structural_tag', tag: '{}' };
  assert.throws(() => callGrammar(TOOLS, AUTO, hermes, tag), { code: 'invalid_argument', field: 'tools' });
});
