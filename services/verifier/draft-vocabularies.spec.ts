import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError, type ErrorCode } from '#libs/errors/index.js';
import type { DraftClient, ModelInfo } from '#libs/rpc/index.js';
import { DraftVocabularies } from './draft-vocabularies.js';
import type { Translator } from './universal/translator.js';

/** Drafts whose endpoint is their vocabulary's fingerprint; those in `down` don't answer. */
function setUp() {
  const clock = { ms: 0 };
  const asked = { infos: [] as string[], tokenizers: [] as string[] };
  const down = new Set<string>();
  const closed: string[] = [];
  const client = (endpoint: string) =>
    ({
      async modelInfo() {
        asked.infos.push(endpoint);
        if (down.has(endpoint)) throw new AppError('unavailable', 'is down');
        return { vocabSize: 9, vocabularyFingerprint: endpoint } as ModelInfo;
      },
      async tokenizer() {
        asked.tokenizers.push(endpoint);
        if (down.has(endpoint)) throw new AppError('not_found', 'has none');
        return { tokenizerJson: new Uint8Array(1), tokenizerConfigJson: new Uint8Array(1) };
      },
    }) as unknown as DraftClient;
  const vocabularies = new DraftVocabularies({
    targetFolder: '',
    vocabularyFingerprint: 'target',
    client,
    now: () => clock.ms,
    start: ({ fingerprint }) =>
      ({ isReady: true, close: async () => void closed.push(fingerprint) }) as unknown as Translator,
  });
  const translator = (fingerprint: string) =>
    vocabularies.translator({ vocabSize: 9, vocabularyFingerprint: fingerprint }, fingerprint);
  return { vocabularies, clock, asked, down, closed, translator };
}

function failsWith(code: ErrorCode, message: RegExp) {
  return (error: unknown) => error instanceof AppError && error.code === code && message.test(error.message);
}

const FETCHING = failsWith('unavailable', /still being fetched/);
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('a draft is asked once in a while; until it answers again, what it said before holds', async () => {
  const { vocabularies, clock, asked, down } = setUp();
  down.add('a');
  for (let i = 0; i < 3; i++) await Promise.all([vocabularies.ask('a'), vocabularies.ask('target')]);
  assert.deepEqual(asked.infos, ['a', 'target']);
  assert.equal(vocabularies.foreign('a'), undefined);
  assert.equal(vocabularies.foreign('target'), undefined);
  down.clear();
  clock.ms += 30_001;
  await vocabularies.ask('a');
  await vocabularies.ask('target');
  assert.equal(vocabularies.foreign('a')?.vocabularyFingerprint, 'a');
  assert.deepEqual(asked.infos, ['a', 'target', 'a', 'target']);
  down.add('a');
  clock.ms += 30_001;
  await vocabularies.ask('a');
  await settled();
  assert.equal(vocabularies.foreign('a')?.vocabularyFingerprint, 'a');
  down.clear();
  vocabularies.forget('a');
  assert.equal(vocabularies.foreign('a'), undefined);
  await vocabularies.ask('a');
  assert.equal(asked.infos.length, 6);
});

test('a tokenizer is fetched once for all; nobody waits for it', async () => {
  const { asked, translator } = setUp();
  assert.throws(() => translator('a'), FETCHING);
  assert.throws(() => translator('a'), FETCHING);
  await settled();
  assert.equal(translator('a'), translator('a'));
  assert.deepEqual(asked.tokenizers, ['a']);
});

test('a tokenizer that could not be had is said so, and fetched again after a while', async () => {
  const { clock, asked, down, translator } = setUp();
  down.add('a');
  assert.throws(() => translator('a'), FETCHING);
  await settled();
  assert.throws(() => translator('a'), failsWith('failed_precondition', /can't be had: has none/));
  down.clear();
  clock.ms += 30_001;
  assert.throws(() => translator('a'), FETCHING);
  await settled();
  assert.ok(translator('a').isReady);
  assert.deepEqual(asked.tokenizers, ['a', 'a']);
});

test('four vocabularies are kept; a fifth waits until one is out of use', async () => {
  const { vocabularies, clock, closed, translator } = setUp();
  for (const each of ['a', 'b', 'c', 'd']) assert.throws(() => translator(each), FETCHING);
  await settled();
  assert.throws(() => translator('e'), failsWith('resource_exhausted', /4 other vocabularies/));
  clock.ms += 30_001;
  for (const each of ['a', 'c', 'd']) translator(each);
  assert.throws(() => translator('e'), FETCHING);
  assert.deepEqual(closed, ['b']);
  await settled();
  assert.ok(translator('e').isReady);
  await vocabularies.close();
  assert.deepEqual(closed.sort(), ['a', 'b', 'c', 'd', 'e']);
});
