// Slots that share keys and values on the real target: nothing is computed twice, and no bit changes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Slot } from '#libs/engine/index.js';
import { GrammarFollower, packVocabulary } from '#libs/grammar/index.js';
import type { GenerateResponse } from '#libs/rpc/index.js';
import { skipMask } from '#libs/tuning/index.js';
import { DraftingSources } from '#services/verifier/drafting.js';
import { DraftClients } from '../../services/verifier/draft-clients.js';
import { type GenerateCall, type GenerateContext, generate } from '../../services/verifier/generate.js';
import { LayerSkipProposer } from '../../services/verifier/layer-skip.js';
import { SlotLeases } from '../../services/verifier/slot-leases.js';
import { ModelPair } from '../support/model-pair.js';

let pair: ModelPair;
before(async () => {
  pair = await ModelPair.open({ skipsLayers: true });
});
after(() => pair.close());

const PROMPT = Array.from({ length: 300 }, (_, i) => (i * 7919 + 13) % 49_000);

test('logits over copied rows are bitwise those over computed ones, from a slot and from what one left behind', async () => {
  const { model, slots } = pair.target;
  const rest = [11, 22, 33];
  const sequence = [...PROMPT.slice(0, 200), ...rest];
  const bytes = Buffer.from(Float32Array.from(await model.advance(model.newCache(), sequence, 3)).buffer);
  const acquire = (key: string, tokens: readonly number[]) =>
    slots.acquire({ key, prefixLength: 0, tokens, room: 1 });
  const assertSame = async (slot: Slot) => {
    assert.equal(slot.cache.length, 200);
    const actual = await model.advance(slot.cache, rest, 3);
    assert.ok(
      Buffer.from(actual.buffer, actual.byteOffset, actual.byteLength).equals(bytes),
      'the same bits',
    );
  };
  const donor = acquire('donor', PROMPT);
  await model.advance(donor.cache, PROMPT, 1);
  const taker = acquire('taker', sequence);
  assert.notEqual(taker.cache.capacity, donor.cache.capacity);
  await assertSame(taker);

  slots.delete('donor');
  slots.delete('taker');
  assert.equal(slots.size, 0);
  const { blocks, blockBytes } = slots.usage;
  assert.deepEqual([blocks, blockBytes], [5, 300 * 46_080]);
  await assertSame(acquire('later', sequence));
  slots.delete('later');
});

test('what generations leave behind is bitwise what their text gives: no rejected draft, no skipped layer', async () => {
  const { model, slots } = pair.target;
  const skipped = skipMask({ numLayers: 30, attention: [8, 12, 13, 14, 20], mlp: [8, 9, 17, 18, 19] });
  const prompt = pair.promptTokens('Name three rivers of Europe and say one sentence about each.');
  const sources = { 'draft model': undefined, 'layer skip': new LayerSkipProposer(pair.target, skipped) };
  for (const [salt, proposer] of Object.entries(sources)) {
    const request = { sessionId: 'leaves', tokens: prompt, maxTokens: 48, gamma: 4, cacheSalt: salt };
    const { tokens, rounds } = await pair.run({ ...request, ...(proposer && { proposer }) });
    assert.ok(rounds.some(({ drafted, accepted }) => drafted > accepted));
    slots.delete('leaves');
    const sequence = [...prompt, ...tokens, 11, 22];
    const { cache } = slots.acquire({ key: 'after', prefixLength: 0, tokens: sequence, room: 1, salt });
    assert.ok(cache.length > prompt.length + 16, `${cache.length} rows are there`);
    const rest = sequence.slice(cache.length);
    const over = Buffer.from(Float32Array.from(await model.advance(cache, rest, 3)).buffer);
    const fresh = await model.advance(model.newCache(), sequence, 3);
    assert.ok(over.equals(Buffer.from(fresh.buffer, fresh.byteOffset, fresh.byteLength)), 'the same bits');
    slots.delete('after');
  }
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
  const choice = async (
    sessionId: string,
    index: number,
    cacheSalt?: string,
  ): Promise<GenerateResponse[]> => {
    const { slotKey, isExtra: dropsSlot, release } = leases.take(sessionId, `request ${index}`);
    const responses: GenerateResponse[] = [];
    const call = callOf(
      prompt,
      { requestId: `request ${index}`, slotKey, dropsSlot, cacheSalt },
      BigInt(index),
    );
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
    // Nothing is shared under a salt of its own.
    const alone = await choice('alone', index, `tenant ${index}`);
    assert.equal(alone[0]!.round.cachedTokens, 0);
    const said = (all: readonly GenerateResponse[]) =>
      all.map(({ tokens, logprobs }) => ({ tokens, logprobs }));
    assert.deepEqual(said(responses), said(alone));
  }
  drafts.close();
});

function callOf(
  tokens: readonly number[],
  place: Pick<GenerateCall, 'requestId' | 'slotKey' | 'dropsSlot' | 'cacheSalt'>,
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
