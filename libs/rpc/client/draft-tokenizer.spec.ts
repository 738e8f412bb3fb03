import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { AppError } from '#libs/errors/index.js';
import { MAX_TOKENIZER_BYTES } from '../limits.js';
import { type DraftHandlers, draftServiceHandlers } from '../server/draft-service.js';
import { idleSignal, MODEL_INFO, poolFor, serve } from '../testing.js';
import { DraftClient } from './draft-client.js';

async function clientOf(t: TestContext, tokenizer: DraftHandlers['tokenizer']): Promise<DraftClient> {
  const modelInfo = async () => MODEL_INFO;
  const { endpoint } = await serve(t, [
    draftServiceHandlers({ propose: async function* () {}, modelInfo, tokenizer }),
  ]);
  return new DraftClient(endpoint, poolFor(t));
}

test("a draft's tokenizer comes in pieces and is put together", async (t) => {
  const json = new Uint8Array(5_000_000).map((_, i) => i % 251);
  const client = await clientOf(t, async function* () {
    yield { tokenizerConfigJson: Buffer.from('{') };
    for (let at = 0; at < json.length; at += 999_999)
      yield { tokenizerJson: json.subarray(at, at + 999_999) };
    yield { tokenizerConfigJson: Buffer.from('}') };
  });
  const { tokenizerJson, tokenizerConfigJson } = await client.tokenizer(idleSignal());
  assert.ok(Buffer.from(json).equals(tokenizerJson));
  assert.equal(Buffer.from(tokenizerConfigJson).toString(), '{}');
});

test('a draft without a tokenizer of its own says so', async (t) => {
  const client = await clientOf(t, undefined);
  await assert.rejects(client.tokenizer(idleSignal()), (error) => AppError.from(error).code === 'not_found');
});

test('an empty tokenizer, and one larger than any, are refused', async (t) => {
  const refused = (message: RegExp) => (error: unknown) =>
    AppError.from(error).code === 'internal' && message.test(String(error));
  const empty = await clientOf(t, async function* () {});
  await assert.rejects(empty.tokenizer(idleSignal()), refused(/is empty/));
  let sent = 0;
  const endless = await clientOf(t, async function* () {
    for (;;) {
      sent += 1 << 20;
      yield { tokenizerJson: new Uint8Array(1 << 20) };
    }
  });
  await assert.rejects(endless.tokenizer(idleSignal()), refused(/has more than/));
  assert.ok(sent < 2 * MAX_TOKENIZER_BYTES);
});

test('a tokenizer that never comes ends with its signal', async (t) => {
  const controller = new AbortController();
  const client = await clientOf(t, async function* ({ signal }) {
    const ended = new Promise((resolve) => signal.addEventListener('abort', resolve));
    controller.abort(new AppError('cancelled', 'enough'));
    await ended;
  });
  await assert.rejects(
    client.tokenizer(controller.signal),
    (error) => AppError.from(error).code === 'cancelled',
  );
});
