import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryFolder } from '../test/support/temporary-folder.js';
import { distillLog } from './distill-log.js';

const CHAT = {
  messages: [{ role: 'user', content: 'Write to jo@example.org' }],
  answer: 'Yes.',
  temperature: 0,
  rounds: [
    [4, 1],
    [2, 2],
  ],
  at: '2026-01-02T03:04:05.000Z',
};
const TEXT = { text: 'Once', answer: ' upon', temperature: 1, rounds: [] };

async function logOf(t: TestContext, ...lines: (object | string)[]) {
  const folder = await temporaryFolder(t);
  const file = join(folder, 'log.jsonl');
  writeFileSync(
    file,
    lines.map((line) => (typeof line === 'string' ? line : `${JSON.stringify(line)}\n`)).join(''),
  );
  const run = async (options: { export?: string; minRefused?: string; skipDamaged?: boolean } = {}) => {
    let text = '';
    const { export: copy, minRefused, skipDamaged } = options;
    const args = {
      file,
      export: copy,
      minRefused,
      skipDamaged,
      out: { write: (part: string) => (text += part) },
    };
    await distillLog(args, new AbortController().signal);
    return text.replaceAll(folder, '');
  };
  return { folder, run };
}

test('a log is summed up by kind and temperature, with its size and age', async (t) => {
  const { run } = await logOf(t, CHAT, CHAT, TEXT);
  const bytes = 2 * JSON.stringify(CHAT).length + JSON.stringify(TEXT).length + 3;
  assert.equal(
    await run(),
    `/log.jsonl: 3 answers, 12 tokens drafted, 6 refused (50 %), ${(bytes / 1000).toFixed(1)} kB
  chat, greedy: 2 answers, 12 tokens drafted, 6 refused (50 %)
  text, temperature above 0.7: 1 answers, 0 tokens drafted, 0 refused
  from ${CHAT.at} to ${CHAT.at}
`,
  );
});

test('the copy is redacted, filtered, for its owner only, and never written over another file', async (t) => {
  const { run, folder } = await logOf(t, CHAT, TEXT);
  const copy = join(folder, 'copy.jsonl');
  assert.match(await run({ export: copy, minRefused: '1' }), /\/copy\.jsonl: 1 answers; train on them/);
  const messages = [{ role: 'user', content: 'Write to [email]' }];
  assert.deepEqual(JSON.parse(readFileSync(copy, 'utf8')), { ...CHAT, messages });
  assert.equal(statSync(copy).mode & 0o777, 0o600);
  await assert.rejects(run({ export: copy }), { code: 'invalid_argument', message: /exists already/ });
});

test('a damaged line is named with what is wrong, and left out on request', async (t) => {
  const damaged: [string, RegExp][] = [
    ['{"text": "cut o', /line 2 is no JSON/],
    [
      `${JSON.stringify({ ...TEXT, rounds: [[1, 2]] })}\n`,
      /line 2 is no record.*rounds\.0: more tokens accepted/,
    ],
    [`${JSON.stringify({ ...TEXT, text: undefined })}\n`, /needs one of messages and text/],
    [`${JSON.stringify({ ...TEXT, answer: 'x'.repeat(300_000) })}\n`, /line 2 is longer than 262144 bytes/],
    ['\n', /line 2 is no JSON/],
  ];
  for (const [line, message] of damaged) {
    const { run } = await logOf(t, CHAT, line);
    await assert.rejects(run(), { code: 'failed_precondition', message });
    assert.match(await run({ skipDamaged: true }), /1 answers.*\n[\s\S]*1 damaged lines left out/);
  }
});

test('an option or a file that is none is refused by its name', async (t) => {
  const { run } = await logOf(t, CHAT);
  await assert.rejects(run({ minRefused: '-1' }), { message: /--min-refused is -1/ });
  const signal = new AbortController().signal;
  const none = { export: undefined, minRefused: undefined, skipDamaged: false, out: { write: () => {} } };
  await assert.rejects(distillLog({ ...none, file: '/nowhere.jsonl' }, signal), { message: /ENOENT/ });
  await assert.rejects(distillLog({ ...none, file: undefined }, signal), { message: /FILE is missing/ });
});
