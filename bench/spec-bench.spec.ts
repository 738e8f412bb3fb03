import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../test/support/temporary-folder.js';
import { readQuestions } from './spec-bench-questions.js';
import { specBenchTable } from './spec-bench-report.js';

const LINE =
  '{"question_id": 81, "category": "writing", "turns": ["Write a letter.", "Shorter."], "reference": []}';

test('the question file is read as its benchmark writes it, and a bad line is named', async (context) => {
  const file = join(await temporaryFolder(context), 'question.jsonl');
  writeFileSync(file, `${LINE}\n\n{"question_id": "a", "category": "rag", "turns": ["?"]}\n`);
  assert.deepEqual(readQuestions(file), [
    { id: '81', category: 'mt_bench', turns: ['Write a letter.', 'Shorter.'] },
    { id: 'a', category: 'rag', turns: ['?'] },
  ]);
  for (const bad of ['{', '{"question_id": 1, "category": "x", "turns": []}', '[]']) {
    writeFileSync(file, `${LINE}\n${bad}\n`);
    assert.throws(() => readQuestions(file), { code: 'invalid_argument', message: /question\.jsonl:2/ });
  }
  writeFileSync(file, '\n');
  assert.throws(() => readQuestions(file), { message: /no question/ });
  assert.throws(() => readQuestions(`${file}.none`), { code: 'invalid_argument', message: /ENOENT/ });
});

test('speed-up is the ratio of mean speeds, accepted tokens are counted over all rounds', () => {
  const timing = (tokens: number, ms: number, rounds: number) => ({
    tokens,
    ms,
    decodeMs: (ms * (tokens - 1)) / tokens,
    rounds,
  });
  const answer = (plain: number, speculative: number) => ({
    category: 'qa',
    plain: timing(100, plain, 100),
    speculative: timing(100, speculative, 40),
    equal: 1,
    turns: 1,
  });
  const [, , qa, overall] = specBenchTable([answer(1000, 500), answer(2000, 1000)]).split('\n');
  assert.equal(qa, '| qa | 2 | 75.0 | 150.0 | 2.00× | 2.00× | 2.50 | 2/2 |');
  assert.equal(overall, qa!.replace('qa', 'overall'));
});

test('our own questions are readable, of six kinds, short and long', () => {
  const questions = readQuestions(fileURLToPath(new URL('../../bench/prompts/mixed.jsonl', import.meta.url)));
  const kinds = [...new Set(questions.map(({ category }) => category))];
  assert.equal(kinds.length, 6);
  for (const kind of kinds) assert.ok(questions.filter(({ category }) => category === kind).length >= 4);
  assert.ok(questions.some(({ turns }) => turns[0]!.length > 5_000));
});
