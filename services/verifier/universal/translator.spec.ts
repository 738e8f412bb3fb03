import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { AppError, type ErrorCode } from '#libs/errors/index.js';
import { byteTokenizer, writeByteTokenizer } from '../../../test/support/byte-tokenizer.js';
import { PIECE_TOKENIZER, pieceTokenizer } from '../../../test/support/piece-tokenizer.js';
import { temporaryFolder } from '../../../test/support/temporary-folder.js';
import { codecOf } from './codec.js';
import { Translation } from './translation.js';
import { Translator } from './translator.js';

interface Changes {
  readonly json?: object;
  readonly text?: string;
  readonly fingerprint?: string;
  readonly jobTimeoutMs?: number;
}

/** Over byte-tokenizer.ts and piece-tokenizer.ts, but for the changes. */
async function translatorWith(t: TestContext, changes: Changes = {}): Promise<Translator> {
  const targetFolder = await temporaryFolder(t);
  await writeByteTokenizer(targetFolder);
  const json = changes.text ?? JSON.stringify({ ...PIECE_TOKENIZER.json(), ...changes.json });
  const bytes = (text: string) => new TextEncoder().encode(text);
  const draft = {
    tokenizerJson: bytes(json),
    tokenizerConfigJson: bytes(JSON.stringify(PIECE_TOKENIZER.config)),
  };
  const { fingerprint = pieceTokenizer().fingerprint, jobTimeoutMs } = changes;
  const translator = new Translator({ targetFolder, draft, fingerprint }, jobTimeoutMs);
  t.after(() => translator.close());
  return translator;
}

function failsWith(code: ErrorCode, message: RegExp) {
  return (error: unknown) => error instanceof AppError && error.code === code && message.test(error.message);
}

test('two generations are translated side by side, each as in this thread', async (t) => {
  const translator = await translatorWith(t);
  const [target, draft] = [codecOf(byteTokenizer()), codecOf(pieceTokenizer())];
  const texts = ['the house and', 'another the'];
  const here = texts.map(() => new Translation(target, draft));
  const there: number[][] = [[], []];
  for (let start = 0; start < 8; start += 2)
    for (const [generation, text] of texts.entries()) {
      const tokens = target.encode(text).slice(start, start + 2);
      here[generation]!.read(tokens);
      const tail = await translator.run({ kind: 'read', generation, start, tokens });
      there[generation]!.splice(tail.start, Number.POSITIVE_INFINITY, ...tail.tokens);
      assert.deepEqual(there[generation], here[generation]!.draftTokens);
    }
  const drafted = draft.encode('the');
  const asked = { drafted, confidences: drafted.map(() => 0.5), maxTokens: 3 };
  const answer = await translator.run({ kind: 'translate', generation: 1, ...asked });
  assert.deepEqual(answer, here[1]!.translate(asked.drafted, asked.confidences, 3));
  assert.ok(answer.tokens.length > 0);
});

test('what was released, or never read, fails; others go on', async (t) => {
  const translator = await translatorWith(t);
  const [generation, tokens] = [7, [5, 6]];
  await translator.run({ kind: 'read', generation, start: 0, tokens });
  await translator.run({ kind: 'release', generation });
  const job = { kind: 'read', generation, start: 2, tokens } as const;
  await assert.rejects(translator.run(job), failsWith('internal', /Nothing is known/));
  await translator.run({ ...job, start: 0 });
  assert.equal(translator.isReady, true);
});

test("a pattern that takes for ever ends the translator's thread, and nobody waits", async (t) => {
  const normalizer = { type: 'Replace', pattern: { Regex: '(x+x+)+y' }, content: '' };
  const translator = await translatorWith(t, { json: { normalizer }, jobTimeoutMs: 200 });
  const tokens = byteTokenizer().encode('x'.repeat(200));
  const job = { kind: 'read', generation: 0, start: 0, tokens } as const;
  const late = failsWith('deadline_exceeded', /took longer than 200 ms/);
  await Promise.all([assert.rejects(translator.run(job), late), assert.rejects(translator.run(job), late)]);
  assert.equal(translator.isReady, false);
  await assert.rejects(translator.run(job), late);
});

for (const [what, changes, message] of [
  ['no JSON', { text: '{' }, /tokenizer.json of the draft's tokenizer is missing or damaged/i],
  ['of another vocabulary than said', { fingerprint: 'ab'.repeat(32) }, /is not that of its model/],
  ['with an unknown model', { json: { model: { type: 'Strange', vocab: { a: 0 } } } }, /cannot be used/],
  ['with a decoder that is not supported', { json: { decoder: { type: 'WordPiece' } } }, /not supported/],
] as const)
  test(`a tokenizer ${what} is of no use, and says why`, async (t) => {
    const translator = await translatorWith(t, changes);
    const job = { kind: 'read', generation: 0, start: 0, tokens: [] } as const;
    await assert.rejects(translator.run(job), failsWith('failed_precondition', message));
    assert.equal(translator.isReady, false);
  });
