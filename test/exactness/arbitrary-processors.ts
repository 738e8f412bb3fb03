// Sampling parameters of every kind for fast-check.
import fc from 'fast-check';
import type { SamplingParams } from '#libs/sampling/index.js';

type Processors = Omit<SamplingParams, 'temperature' | 'topK' | 'topP' | 'seed'>;

/** Any of the optional parameters. Never forbids `spared`, so that a choice is left. */
export function arbitraryProcessors({
  vocabSize,
  spared,
}: {
  readonly vocabSize: number;
  readonly spared: number;
}): fc.Arbitrary<Processors> {
  // Some ids lie outside the vocabulary.
  const token = fc.nat(vocabSize + 1);
  const forbiddable = token.filter((each) => each !== spared);
  const penalty = fc.constantFrom(-2, -0.3, 0, 0.5, 1.7);
  return fc.record(
    {
      // Not on a boundary that rounding decides.
      minP: fc.constantFrom(0, 0.0512345, 0.3012345, 1),
      typicalP: fc.constantFrom(1, 0.9012345, 0.5012345, 0.1012345),
      frequencyPenalty: penalty,
      presencePenalty: penalty,
      repetitionPenalty: fc.constantFrom(0.5, 1, 1.3, 2),
      logitBias: fc
        .array(fc.tuple(token, fc.constantFrom(-100, -1.5, 0, 0.7, 100)), { maxLength: 4 })
        .map((entries) => new Map(entries)),
      allowedTokenIds: fc.array(token, { maxLength: 5 }).map((tokens) => [...tokens, spared]),
      bannedTokenIds: fc.array(forbiddable, { maxLength: 3 }),
      badWords: fc.array(
        fc.tuple(fc.array(token, { maxLength: 2 }), forbiddable).map(([lead, last]) => [...lead, last]),
        { maxLength: 6 },
      ),
      minTokens: fc.nat(8),
      stopTokenIds: fc.array(forbiddable, { maxLength: 3 }),
    },
    { requiredKeys: [] },
  );
}
