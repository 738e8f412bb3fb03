// Slots that share keys and values on the real target: nothing is computed twice, and no bit changes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { GrammarFollower, packVocabulary } from '#libs/grammar/index.js';
import type { GenerateResponse } from '#libs/rpc/index.js';
import { DraftingSources } from '#services/verifier/drafting.js';
import { DraftClients } from '../../services/verifier/draft-clients.js';
import { type GenerateCall, type GenerateContext, generate } from '../../services/verifier/generate.js';
import { SlotLeases } from '../../services/verifier/slot-leases.js';
import { ModelPair } from '../support/model-pair.js';

let pair: ModelPair;
before(async () => {
  pair = await ModelPair.open();
});
after(() => pair.close());

const PROMPT = Array.from({ length: 300 }, (_, i) => (i * 7919 + 13) % 49_000);

test('logits over copied rows are bitwise those over computed ones', async () => {
  const { model, slots } = pair.target;
  const rest = [11, 22, 33];
  const sequence = [...PROMPT.slice(0, 200), ...rest];
  const bytes = Buffer.from(Float32Array.from(await model.advance(model.newCache(), sequence, 3)).buffer);
  const donor = slots.acquire({ key: 'donor', prefixLength: 0, tokens: PROMPT, room: 1 });
  await model.advance(donor.cache, PROMPT, 1);
  const slot = slots.acquire({ key: 'taker', prefixLength: 0, tokens: sequence, room: 1 });
  assert.equal(slot.cache.length, 200);
  assert.notEqual(slot.cache.capacity, donor.cache.capacity);
  const actual = await model.advance(slot.cache, rest, 3);
  assert.ok(Buffer.from(actual.buffer, actual.byteOffset, actual.byteLength).equals(bytes), 'the same bits');
});

test('of n choices one reads the prompt, the others find it; their slots go when they end', async () => {
  const { target, vocabularyFingerprint } = pair;
  const { headSize: vocabSize, contextLength } = target.model;
  const drafts = new DraftClients({ folder: '', vocabSize, vocabularyFingerprint });
  // Never asked: its thread starts with the first grammar.
  const grammars = new GrammarFollower({ vocabulary: packVocabulary([], []) });
  const info = { vocabSize, contextLength };
  const drafting = new DraftingSources(drafts);
  const context: GenerateContext = { target, drafting, grammars, endTokenIds: [], info };
  const leases = new SlotLeases();
  const prompt = PROMPT.map((token) => token + 1);
  const before = target.slots.size;
  const choice = async (sessionId: string, index: number): Promise<GenerateResponse[]> => {
    const { slotKey, isExtra: dropsSlot, release } = leases.take(sessionId, `request ${index}`);
    const responses: GenerateResponse[] = [];
    const call = callOf(prompt, { requestId: `request ${index}`, slotKey, dropsSlot }, BigInt(index));
    for await (const response of generate(context, call, new AbortController().signal))
      responses.push(response);
    release();
    return responses;
  };
  const together = await Promise.all([0, 1, 2, 3].map((index) => choice('session', index)));
  assert.deepEqual(
    together.map(([first]) => first!.round.cachedTokens),
    [0, 299, 299, 299],
  );
  assert.equal(target.slots.size, before + 1);
  assert.equal(new Set(together.map((choice) => String(choice.map(({ tokens }) => tokens)))).size, 4);

  target.slots.delete('session');
  for (const [index, responses] of together.entries()) {
    const alone = await choice('alone', index);
    target.slots.delete('alone');
    assert.equal(alone[0]!.round.cachedTokens, 0);
    const said = (all: readonly GenerateResponse[]) =>
      all.map(({ tokens, logprobs }) => ({ tokens, logprobs }));
    assert.deepEqual(said(responses), said(alone));
  }
  drafts.close();
});

function callOf(
  tokens: readonly number[],
  place: Pick<GenerateCall, 'requestId' | 'slotKey' | 'dropsSlot'>,
  seed: bigint,
): GenerateCall {
  return {
    ...place,
    tokens,
    promptLength: tokens.length,
    sampling: { temperature: 1, topK: 0, topP: 1, seed },
    maxTokens: 6,
    stopTokenIds: [],
    speculation: { enabled: false, numSpeculativeTokens: 0, method: '' },
    draftEndpoints: [],
    logprobs: 3,
  };
}
