import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JournalEntries, type JournalEntry } from './journal-entry.js';
import { openingText, readOpening } from './opening.js';

const ENTRY: JournalEntry = {
  choice: 1,
  atMs: 12.345678901234567,
  queueMs: 0.1,
  failovers: 2,
  response: {
    tokens: [0, 99],
    round: {
      drafted: 4,
      accepted: 1,
      draftMs: 1.5,
      verifyMs: 2.5,
      totalMs: 4.25,
      draftComputeMs: 1,
      verifyComputeMs: 2,
      cachedTokens: 7,
      batchSize: 2,
      draftFailure: 'late',
    },
    finishReason: 'stop',
    logprobs: [
      { logprob: -0.25, topIds: [5], topLogprobs: [-0.25] },
      { logprob: -3.4028234663852886e38, topIds: [], topLogprobs: [] },
    ],
  },
};
const entries = new JournalEntries(100, 2);

test('an entry reads as it was written, to the last bit', () => {
  assert.deepEqual(entries.read(entries.write(ENTRY)), ENTRY);
  const lists = { ...ENTRY.response, tokens: new Uint32Array([0, 99]) as unknown as number[] };
  assert.deepEqual(entries.read(entries.write({ ...ENTRY, response: lists })), ENTRY);
});

test('whatever else a store holds is refused', () => {
  const { response } = ENTRY;
  const wrong: unknown[] = [
    { ...ENTRY, choice: 2 },
    { ...ENTRY, choice: -1 },
    { ...ENTRY, atMs: 'soon' },
    { ...ENTRY, more: 1 },
    { ...ENTRY, response: { ...response, tokens: [100] } },
    { ...ENTRY, response: { ...response, tokens: [0.5] } },
    { ...ENTRY, response: { ...response, finishReason: 'tired' } },
    { ...ENTRY, response: { ...response, round: {} } },
    { ...ENTRY, response: { ...response, logprobs: [{ logprob: null, topIds: [], topLogprobs: [] }] } },
    null,
    [],
    1,
  ];
  for (const text of [...wrong.map((value) => JSON.stringify(value)), '', '{', '\0'])
    assert.throws(() => entries.read(text), { code: 'internal' }, text);
});

test('an opening reads as it was written, and one of other requests is refused', () => {
  const request = { id: 'gen-1', sampling: { seed: 2n ** 64n - 1n } };
  const requests = [request, request] as unknown as Parameters<typeof openingText>[0];
  const text = openingText(requests, 1_700_000_000);
  const seed = '18446744073709551615';
  const chosen = { id: 'gen-1', seed };
  assert.deepEqual(readOpening(text, 2), { created: 1_700_000_000, requests: [chosen, chosen] });
  assert.throws(() => readOpening(text, 1), { code: 'internal' });
  assert.throws(() => readOpening('{"created":1}', 1), { code: 'internal' });
});
