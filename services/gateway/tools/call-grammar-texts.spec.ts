// What the automaton makes of the grammars of calls: which answers it lets through, and that the parser reads them.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { GrammarFollower, type GrammarSpec, packVocabulary } from '#libs/grammar/index.js';
import type { Tool, ToolCallFormat } from '#libs/tokenizer/index.js';
import { callGrammar } from './call-grammar.js';
import { CALL_SYNTAX } from './call-syntax.js';
import { ToolCallParser } from './tool-call-parser.js';
import type { ToolChoice } from './tool-choice.js';

const END = 256;
const bytes = Array.from({ length: END }, (_, byte) => Uint8Array.of(byte));
const follower = new GrammarFollower({ vocabulary: packVocabulary([...bytes, new Uint8Array(0)], [END]) });
after(() => follower.close());

const TOOLS: Tool[] = [
  {
    name: 'weather',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' }, days: { type: 'integer' } },
      required: ['city'],
    },
  },
  { name: 'now', parameters: { type: 'object', properties: {}, additionalProperties: false } },
  { name: 'open' },
];
const AUTO: ToolChoice = { mode: 'auto', parallel: true };
const REQUIRED: ToolChoice = { mode: 'required', parallel: true };
const block = (name: string, given: string) =>
  `<tool_call>\n{"name": "${name}", "arguments": ${given}}\n</tool_call>`;
const ROME = block('weather', '{"city": "Rome"}');
const NOW = block('now', '{}');

let generations = 0;

/** Whether the text is a whole answer. */
async function lets(spec: GrammarSpec, text: string): Promise<boolean> {
  const generationId = `generation ${generations++}`;
  const generated = [...Buffer.from(text), END];
  try {
    await follower.masks(spec, { generationId, generated, drafted: [], avoidEnd: false });
    return true;
  } catch (error) {
    assert.match((error as Error).message, /is not what the grammar allows/);
    return false;
  }
}

function callsIn(text: string, format: ToolCallFormat) {
  const names = new Set(TOOLS.map(({ name }) => name));
  const parser = new ToolCallParser({ syntax: CALL_SYNTAX[format], names, newId: () => 'id' });
  return [...parser.push(text), ...parser.flush()].flatMap((piece) =>
    piece.kind === 'call' ? [piece.name] : [],
  );
}

async function check(
  choice: ToolChoice,
  { good, bad }: { readonly good: [text: string, ...calls: string[]][]; readonly bad: string[] },
  format: ToolCallFormat = 'hermes',
  answer?: GrammarSpec,
): Promise<void> {
  const spec = callGrammar(TOOLS, choice, CALL_SYNTAX[format], answer);
  for (const [text, ...calls] of good) {
    assert.equal(await lets(spec, text), true, text);
    assert.deepEqual(callsIn(text, format), calls, text);
  }
  for (const text of bad) assert.equal(await lets(spec, text), false, text);
}

test('auto: text and calls in any order, but no call that is broken or breaks its schema', async () => {
  await check(AUTO, {
    good: [
      ['Hello.'],
      ['a < b, <tool', ...[]],
      [ROME, 'weather'],
      [`Let me see.\n\n${ROME}\n${NOW}\nSo.`, 'weather', 'now'],
      [block('open', '{"any": ["thing", 1]}'), 'open'],
      [block('weather', '{"city": "<tool_call>", "days": -3}'), 'weather'],
    ],
    bad: [
      '<tool_call>',
      'See: <tool_call>{"name": "now"',
      block('other', '{}'),
      block('now', '{"a": 1}'),
      block('weather', '{}'),
      block('weather', '{"city": 5}'),
      block('weather', '{\n  "city": "Rome"}'),
      block('weather', '{"city": "Rome"'),
    ],
  });
  await check({ ...AUTO, parallel: false }, { good: [['Hm.'], [ROME, 'weather']], bad: [`${ROME}\n${NOW}`] });
});

test('required: calls alone; of one function, or only one of any', async () => {
  await check(REQUIRED, {
    good: [
      [NOW, 'now'],
      [`${ROME}\n${NOW}`, 'weather', 'now'],
    ],
    bad: ['', 'Hello.', ` ${NOW}`, `${NOW} So.`, `${NOW}${NOW}`],
  });
  const named: ToolChoice = { mode: 'required', names: ['now'], parallel: false };
  await check(named, { good: [[NOW, 'now']], bad: [ROME, `${NOW}\n${NOW}`, 'Hello.'] });
});

test('bare calls', async () => {
  const call = '{"name": "weather", "parameters": {"city": "Rome"}}';
  await check(AUTO, { good: [['Hello.'], [call, 'weather']], bad: ['{"name": "other"'] }, 'llama');
  await check(REQUIRED, { good: [[call, 'weather']], bad: ['Hello.', `${call}; ${call}`] }, 'llama');
});

test('beside a structured answer: that, or one call', async () => {
  const answers: [GrammarSpec, string][] = [
    [
      { kind: 'json_schema', schema: '{"type": "object", "properties": {"a": {"type": "integer"}}}' },
      '{"a": 1}',
    ],
    [{ kind: 'json_object' }, '{"b": {"c": []}}'],
    [{ kind: 'regex', pattern: '[ab]{2}' }, 'ab'],
    [{ kind: 'ebnf', grammar: 'root ::= "yes" | "no"' }, 'no'],
    [{ kind: 'choice', choices: ['red', 'blue'] }, 'blue'],
  ];
  for (const [answer, text] of answers)
    await check(AUTO, { good: [[text], [NOW, 'now']], bad: ['Hello.', `${NOW}\n${NOW}`] }, 'hermes', answer);
});
