import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GrammarSpec } from './grammar-spec.js';
import { GrammarThread } from './grammar-thread.js';
import type { MaskRows } from './mask-rows.js';
import { packVocabulary } from './vocabulary.js';

const letters = ['a', 'b', 'c', ''].map((text) => new TextEncoder().encode(text));
const vocabulary = packVocabulary(letters, [3]);
/** Keeps the compiler busy for minutes. */
const ENDLESS: GrammarSpec = { kind: 'regex', pattern: '((a{1,1000}){1,1000}){1,1000}' };
const masks = (pattern: string) =>
  ({
    kind: 'masks',
    spec: { kind: 'regex', pattern },
    request: { generationId: pattern, generated: [0], drafted: [], avoidEnd: false },
  }) as const;

test('a job that hangs is ended alone: those behind it are done by a new thread', async () => {
  const thread = new GrammarThread({ vocabulary, timeoutMs: 800, maxWaiting: 10 });
  const before = await thread.run(masks('ab'));
  const hanging = thread.run({ kind: 'check', spec: ENDLESS });
  const behind = [thread.run(masks('ab')), thread.run(masks('ac'))];
  await assert.rejects(hanging, { code: 'deadline_exceeded' });
  const [same, other] = await Promise.all(behind);
  assert.deepEqual(same, before);
  assert.deepEqual(
    [before, other].map((rows) => (rows as MaskRows).bits[0]),
    [0b0010, 0b0100],
  );
  await thread.close();
});

test('jobs beyond the bound are refused at once, and closing fails those that wait', async () => {
  const thread = new GrammarThread({ vocabulary, timeoutMs: 5_000, maxWaiting: 2 });
  const waiting = [thread.run({ kind: 'check', spec: ENDLESS }), thread.run(masks('ab'))];
  const ended = Promise.all(waiting.map((each) => assert.rejects(each)));
  await assert.rejects(async () => thread.run(masks('ab')), { code: 'unavailable', retryAfterSeconds: 1 });
  await thread.close();
  await ended;
  await assert.rejects(async () => thread.run(masks('ab')), { code: 'unavailable' });
});
