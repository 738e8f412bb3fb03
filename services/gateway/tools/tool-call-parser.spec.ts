import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AnswerPiece } from './answer-piece.js';
import { CALL_SYNTAX } from './call-syntax.js';
import { ToolCallParser } from './tool-call-parser.js';

type Format = keyof typeof CALL_SYNTAX;

const NAMES = new Set(['f', 'weather']);
const CALL = '<tool_call>\n{"name": "f", "arguments": {"a": "}</tool_call>", "b": [1, {}]}}\n</tool_call>';
const ARGUMENTS = '{"a": "}</tool_call>", "b": [1, {}]}';

function parser(format: Format): ToolCallParser {
  let id = 0;
  return new ToolCallParser({ syntax: CALL_SYNTAX[format], names: NAMES, newId: () => `id-${id++}` });
}

/** Joins what was cut only because the text was. */
function joined(pieces: readonly AnswerPiece[]): AnswerPiece[] {
  const all: AnswerPiece[] = [];
  for (const piece of pieces) {
    const last = all.at(-1);
    if (last !== undefined && 'text' in last && 'text' in piece && last.kind === piece.kind)
      all[all.length - 1] = { ...last, text: last.text + piece.text };
    else all.push(piece);
  }
  return all;
}

function parsed(chunks: readonly string[], format: Format = 'hermes'): AnswerPiece[] {
  const stream = parser(format);
  return joined([...chunks.flatMap((chunk) => [...stream.push(chunk)]), ...stream.flush()]);
}

const text = (content: string): AnswerPiece => ({ kind: 'text', text: content });
const call = (index: number, name: string, given: string): AnswerPiece[] => [
  { kind: 'call', index, id: `id-${index}`, name },
  { kind: 'arguments', index, text: given },
  { kind: 'end', index },
];

/** The only call, which has no good end. */
const brokenCall = (name: string, given: string): AnswerPiece[] => [
  ...call(0, name, given).slice(0, -1),
  { kind: 'end', index: 0, isBroken: true },
];

test('calls are told from the text around them, and white space between them is dropped', () => {
  assert.deepEqual(parsed([`Let me see.\n\n${CALL}\n${CALL}\n`]), [
    text('Let me see.'),
    ...call(0, 'f', ARGUMENTS),
    ...call(1, 'f', ARGUMENTS),
  ]);
  assert.deepEqual(parsed([`${CALL} Done. `]), [...call(0, 'f', ARGUMENTS), text(' Done. ')]);
});

test('arguments are sent while they come', () => {
  const stream = parser('hermes');
  assert.deepEqual(stream.push('Hi <tool'), [text('Hi')]);
  assert.deepEqual(stream.push('_call>{"name": "f", "arg'), []);
  assert.deepEqual(stream.push('uments": {"a'), [...call(0, 'f', '{"a').slice(0, 2)]);
  assert.deepEqual(stream.push('": 1}'), [{ kind: 'arguments', index: 0, text: '": 1}' }]);
  assert.equal(stream.hasCalls, false);
  assert.deepEqual(stream.push(' }'), [{ kind: 'end', index: 0 }]);
  assert.equal(stream.hasCalls, true);
  assert.deepEqual(stream.push('</tool_call>'), []);
  assert.deepEqual(stream.flush(), []);
});

test('what models make of the form is still a call', () => {
  const forms = [
    '<tool_call>{"arguments": {"a": 1}, "name": "f"}</tool_call>',
    '<tool_call>\n\n{ "id" : 7, "name":"f" , "arguments":{"a": 1} , "more": [null, "}"] } \n </tool_call>',
    '<tool_call>{"name": "f", "parameters": {"a": 1}}',
    '<tool_call>[{"name": "f", "arguments": {"a": 1}}]</tool_call>',
    '  <tool_call>{"name": "f", "arguments": {"a": 1}}</tool',
  ];
  for (const form of forms) assert.deepEqual(parsed([form]), call(0, 'f', '{"a": 1}'), form);
  assert.deepEqual(parsed(['<tool_call>[{"name": "f"}, {"name": "weather"}]</tool_call>']), [
    ...call(0, 'f', '{}'),
    ...call(1, 'weather', '{}'),
  ]);
  assert.deepEqual(parsed([`<tool_call>{"name": "f"}${CALL}`]), [
    ...call(0, 'f', '{}'),
    ...call(1, 'f', ARGUMENTS),
  ]);
});

test('what is no call stays text, whole, also where a call follows in it', () => {
  const texts = [
    'a < b <tool_calling> </tool_call>',
    ' \n<tool_call>',
    '<tool_call>\n{"name": "f", "argum',
    '<tool_call>{"name": "other", "arguments": {}}</tool_call>',
    '<tool_call>{"name": "f", "arguments": "{}"}</tool_call>',
    '<tool_call>{"name": "f", "name": "weather", "arguments": {}}</tool_call>',
    '<tool_call>{"name": 5, "arguments": {}}</tool_call>',
    '<tool_call></tool_call>',
    '<tool_call>weather(Rome)</tool_call>',
    `<tool_call>{"x": "${'y'.repeat(70_000)}`,
  ];
  for (const malformed of texts) {
    assert.deepEqual(parsed([malformed]), [text(malformed)]);
    assert.equal(parser('hermes').hasCalls, false);
  }
  assert.deepEqual(parsed([`<tool_call> oops\n${CALL}`]), [
    text('<tool_call> oops'),
    ...call(0, 'f', ARGUMENTS),
  ]);
});

test('an answer that breaks off in a call, or goes wrong in it, ends the call and keeps the rest', () => {
  const cut = parser('hermes');
  assert.deepEqual(joined([...cut.push('<tool_call>{"name": "f", "arguments": {"a'), ...cut.flush()]), [
    ...brokenCall('f', '{"a'),
  ]);
  assert.equal(cut.hasCalls, false);
  const form = '<tool_call>{"name": "f", "arguments": {"a": 1]} and so on';
  assert.deepEqual(parsed([form]), [...brokenCall('f', '{"a": 1'), text(']} and so on')]);
  const late = '<tool_call>{"name": "f", "arguments": {}, oops';
  assert.deepEqual(parsed([late]), [...brokenCall('f', '{}'), text(', oops')]);
});

test('the bare form is a call only as the beginning of the answer', () => {
  const bare = '{"name": "f", "parameters": {"a": 1}}';
  assert.deepEqual(parsed([`\n${bare}; ${bare}\n`], 'llama'), [
    ...call(0, 'f', '{"a": 1}'),
    ...call(1, 'f', '{"a": 1}'),
  ]);
  for (const plain of [`See: ${bare}`, '{"name": "Bob", "age": 3}', '', ' ', '{"a": {"b', '{}'])
    assert.deepEqual(parsed([plain], 'llama'), plain === '' ? [] : [text(plain)]);
});

const part = fc.oneof(
  fc.constantFrom(
    CALL,
    '<tool_call>',
    '</tool_call>',
    '{"name": "f", "arguments": {',
    '{"name": "weather"',
    '}',
  ),
  fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    '"',
    '\\',
    ',',
    ':',
    ' ',
    '\n',
    '<',
    '<tool',
    ';',
    '"arguments"',
    '5',
    'é😀',
  ),
  fc.string({ maxLength: 4 }),
);
const answer = fc.array(part, { maxLength: 14 }).map((parts) => parts.join(''));

test('the cuts of the text make no difference', () => {
  fc.assert(
    fc.property(
      answer,
      fc.array(fc.nat({ max: 80 }), { maxLength: 12 }),
      fc.constantFrom<Format>('hermes', 'llama'),
      (all, cuts, format) => {
        const places = [0, ...cuts.filter((cut) => cut <= all.length).sort((a, b) => a - b), all.length];
        const chunks = places.slice(1).map((end, i) => all.slice(places[i], end));
        assert.deepEqual(parsed(chunks, format), parsed([all], format));
        assert.deepEqual(parsed([...all], format), parsed([all], format));
      },
    ),
    { numRuns: 2000 },
  );
});

test('no text is lost where there is no call, and a call begins once, has arguments and ends once', () => {
  fc.assert(
    fc.property(answer, fc.constantFrom<Format>('hermes', 'llama'), (all, format) => {
      const pieces = parsed([all], format);
      const calls = pieces.filter(({ kind }) => kind === 'call');
      if (calls.length === 0)
        assert.equal(pieces.map((piece) => ('text' in piece ? piece.text : '')).join(''), all);
      const indices = (kind: string) =>
        pieces.flatMap((piece) => (piece.kind === kind && 'index' in piece ? [piece.index] : []));
      const expected = calls.map((_, i) => i);
      assert.deepEqual(
        [indices('call'), indices('arguments'), indices('end')],
        [expected, expected, expected],
      );
    }),
    { numRuns: 2000 },
  );
});
