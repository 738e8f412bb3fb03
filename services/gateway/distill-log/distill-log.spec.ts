import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { GenerationChunk } from '../generation/generation.js';
import type { GenerationRequest } from '../generation/generation-request.js';
import { DistillLog } from './distill-log.js';
import type { DistillRecord } from './distill-record.js';
import { loggedChunks } from './logged-chunks.js';
import { redacted } from './redacted.js';

const RECORD: DistillRecord = { text: 'Say', answer: 'abc', temperature: 0, at: '', rounds: [[4, 1]] };
const LINE_BYTES = JSON.stringify(RECORD).length + 1;
const neverFails = { onFailed: (error: Error) => assert.fail(error) };

function logFile(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'distill-log-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, 'log.jsonl');
}

const linesOf = (path: string) =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as DistillRecord);

test('records become lines that only the owner may read, and a restart adds to them', async (t) => {
  const path = logFile(t);
  for (const answer of ['first', 'second']) {
    const log = new DistillLog({ path, maxBytes: 1_000, ...neverFails });
    assert.equal(log.add({ ...RECORD, answer }), true);
    await log.close();
  }
  assert.deepEqual(
    linesOf(path).map(({ answer }) => answer),
    ['first', 'second'],
  );
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('the file never grows beyond its bound, over restarts too', async (t) => {
  const path = logFile(t);
  const maxBytes = LINE_BYTES * 2.5;
  const first = new DistillLog({ path, maxBytes, ...neverFails });
  assert.equal(first.add(RECORD), true);
  await first.close();
  const second = new DistillLog({ path, maxBytes, ...neverFails });
  assert.deepEqual([second.add(RECORD), second.add(RECORD)], [true, false]);
  await second.close();
  assert.equal(statSync(path).size, LINE_BYTES * 2);
});

test('an oversized record is dropped whole', async (t) => {
  const path = logFile(t);
  const log = new DistillLog({ path, maxBytes: 10_000_000, ...neverFails });
  assert.equal(log.add({ ...RECORD, answer: 'x'.repeat(300_000) }), false);
  await log.close();
  assert.equal(statSync(path).size, 0);
});

test('a folder that is not there is refused at the start, by the name of its setting', () => {
  const open = () => new DistillLog({ path: '/nowhere/at/all.jsonl', maxBytes: 1, ...neverFails });
  assert.throws(open, /OUTRIDER_DISTILL_LOG: \/nowhere\/at\/all\.jsonl cannot be opened/);
});

test('a disk that fails ends the log with one warning, not the gateway', async () => {
  const failures: Error[] = [];
  const log = new DistillLog({
    path: '/dev/full',
    maxBytes: 10_000,
    onFailed: (error) => void failures.push(error),
  });
  log.add(RECORD);
  log.add(RECORD);
  await log.close();
  assert.equal(failures.length, 1);
  assert.equal(log.add(RECORD), false);
});

test('what has the form of an address, a number, a key or a URL is taken out', () => {
  const text =
    'Ask jo.doe+x@mail.example.org or +49 (170) 123-45 67; card 4111 1111 1111 1111, host 10.0.0.12, ' +
    'see https://u:p@example.org/a?token=1, key sk-Ab3dEf6hIj9kLm2nOp5q, IBAN DE89 3704 0044 0532 0130 00.';
  assert.equal(
    redacted(text),
    'Ask [email] or [number]; card [number], host [address], see [url] key [secret], IBAN [account].',
  );
  const harmless = 'In 1853 a brake held 2,500 kg; add 12 + 30 and call compute_the_average_of_a_column().';
  assert.equal(redacted(harmless), harmless);
});

test('redaction of long hostile texts takes no long time', () => {
  for (const unit of ['a', '1', 'a1-', '1 ', 'a@', 'x:', '-----BEGIN A-----', 'ab://'])
    redacted(unit.repeat(40_000));
});

test('complete answers are kept with their rounds, cut-off ones and token prompts are not', async () => {
  const kept: DistillRecord[] = [];
  const log = { add: (record: DistillRecord) => kept.push(record) > 0 };
  const request = (input: GenerationRequest['input']) =>
    ({ input, sampling: { temperature: 0.5 } }) as GenerationRequest;
  const chunk = (index: number, text: string, drafted: number, accepted: number, isLast: boolean) =>
    ({ index, text, round: { drafted, accepted }, summary: isLast ? {} : undefined }) as GenerationChunk;
  async function* answer() {
    yield chunk(0, 'Write to ', 0, 0, false);
    yield chunk(1, 'never ', 2, 2, false);
    yield chunk(0, 'a@b.org', 3, 1, true);
  }
  const messages = [{ role: 'user', content: 'Mail c@d.org?' }];
  for await (const _ of loggedChunks(log, request({ kind: 'chat', messages }), answer(), () => 0));
  for await (const _ of loggedChunks(log, request({ kind: 'tokens', tokens: [1] }), answer()));
  assert.deepEqual(kept, [
    {
      messages: [{ role: 'user', content: 'Mail [email]?' }],
      answer: 'Write to [email]',
      temperature: 0.5,
      at: '1970-01-01T00:00:00.000Z',
      rounds: [[3, 1]],
    },
  ]);
});
