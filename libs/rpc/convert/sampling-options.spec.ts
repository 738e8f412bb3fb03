import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SamplingParams } from '#libs/sampling/index.js';
import { protocol } from '../load.js';
import { samplingFromWire, samplingToWire } from './sampling.js';

const PLAIN: SamplingParams = { temperature: 0.7, topK: 0, topP: 1, seed: 2n ** 64n - 1n };

const FULL: SamplingParams = {
  ...PLAIN,
  verification: 'coupled',
  draftMode: 'deterministic',
  minP: 0.05,
  typicalP: 0.9,
  frequencyPenalty: -0.5,
  presencePenalty: 1.5,
  repetitionPenalty: 1.1,
  logitBias: new Map([
    [7, -100],
    [49_151, 2.5],
  ]),
  allowedTokenIds: [1, 2, 3],
  badWords: [[4, 5], [6]],
  minTokens: 8,
  stopTokenIds: [2],
};

/** As the message arrives: through protobuf and back. */
function overTheWire(sampling: SamplingParams): SamplingParams {
  const { requestSerialize, requestDeserialize } = protocol().draft.Propose!;
  const bytes = requestSerialize({ sampling: samplingToWire(sampling) } as never);
  const { sampling: wire } = requestDeserialize(bytes) as unknown as { sampling: never };
  return samplingFromWire(wire);
}

test('every sampling parameter survives the wire exactly', () => {
  assert.deepEqual(overTheWire(FULL), FULL);
});

test('what is off stays absent, so that a plain request stays plain', () => {
  assert.deepEqual(overTheWire(PLAIN), PLAIN);
});

test('every mode survives the wire, and one from the future is refused', () => {
  for (const verification of ['ratio', 'block', 'coupled'] as const)
    for (const draftMode of ['sampled', 'deterministic'] as const) {
      const sampling = { ...PLAIN, verification, draftMode };
      assert.deepEqual(overTheWire(sampling), sampling);
    }
  const { requestSerialize, requestDeserialize } = protocol().draft.Propose!;
  for (const [name, field] of [
    ['verification', 'sampling.verification'],
    ['draftMode', 'sampling.draft_mode'],
  ] as const) {
    const bytes = requestSerialize({ sampling: { ...samplingToWire(PLAIN), [name]: 9 } } as never);
    const { sampling } = requestDeserialize(bytes) as unknown as { sampling: never };
    assert.throws(() => samplingFromWire(sampling), { code: 'invalid_argument', field });
  }
});

test('values out of range are refused by the name of their field', () => {
  const wrong: [Partial<SamplingParams>, string][] = [
    [{ minP: 1.5 }, 'sampling.min_p'],
    [{ typicalP: -1 }, 'sampling.typical_p'],
    [{ frequencyPenalty: 3 }, 'sampling.frequency_penalty'],
    [{ presencePenalty: Number.NaN }, 'sampling.presence_penalty'],
    [{ repetitionPenalty: -1 }, 'sampling.repetition_penalty'],
    [{ logitBias: new Map([[1, 101]]) }, 'sampling.logit_bias'],
    [{ badWords: [Array.from({ length: 65 }, () => 1)] }, 'sampling.bad_words'],
  ];
  for (const [options, field] of wrong)
    assert.throws(() => overTheWire({ ...PLAIN, ...options }), { code: 'invalid_argument', field });
});
