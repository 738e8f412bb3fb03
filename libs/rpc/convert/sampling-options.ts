// The sampling parameters that most requests leave out ↔ wire. What is off on the wire is absent in the domain, so that a
// plain request stays plain.
import type { SamplingParams } from '#libs/sampling/index.js';
import type {
  SamplingParams__Output as WireSampling,
  SamplingParams as WireSamplingInput,
} from '../generated/outrider/v1/SamplingParams.js';
import {
  MAX_ALLOWED_TOKEN_IDS,
  MAX_BAD_WORD_TOKENS,
  MAX_BAD_WORDS,
  MAX_LOGIT_BIAS,
  MAX_SEQUENCE_TOKENS,
  MAX_STOP_TOKEN_IDS,
} from '../limits.js';
import { atMost, inRange, nonNegative } from './check.js';

export type SamplingOptions = Omit<
  SamplingParams,
  'temperature' | 'topK' | 'topP' | 'seed' | 'verification' | 'draftMode' | 'bannedTokenIds'
>;

export function samplingOptionsToWire(options: SamplingOptions): WireSamplingInput {
  const { logitBias, allowedTokenIds, badWords, stopTokenIds, ...numbers } = options;
  return {
    ...numbers,
    ...(logitBias !== undefined && { logitBias: Object.fromEntries(logitBias) }),
    ...(allowedTokenIds !== undefined && { allowedTokenIds: [...allowedTokenIds] }),
    ...(badWords !== undefined && { badWords: badWords.map((tokens) => ({ tokens: [...tokens] })) }),
    ...(stopTokenIds !== undefined && { stopTokenIds: [...stopTokenIds] }),
  } as WireSamplingInput;
}

export function samplingOptionsFromWire(wire: WireSampling): SamplingOptions {
  const field = (name: string): string => `sampling.${name}`;
  const bias = Object.entries(wire.logitBias);
  const badWords = atMost(wire.badWords, MAX_BAD_WORDS, field('bad_words'));
  return {
    ...(wire.minP !== 0 && { minP: inRange(wire.minP, 0, 1, field('min_p')) }),
    ...(wire.typicalP !== 0 && { typicalP: inRange(wire.typicalP, 0, 1, field('typical_p')) }),
    ...(wire.frequencyPenalty !== 0 && {
      frequencyPenalty: inRange(wire.frequencyPenalty, -2, 2, field('frequency_penalty')),
    }),
    ...(wire.presencePenalty !== 0 && {
      presencePenalty: inRange(wire.presencePenalty, -2, 2, field('presence_penalty')),
    }),
    ...(wire.repetitionPenalty !== 0 && {
      repetitionPenalty: nonNegative(wire.repetitionPenalty, field('repetition_penalty')),
    }),
    ...(bias.length > 0 && { logitBias: biasFromWire(atMost(bias, MAX_LOGIT_BIAS, field('logit_bias'))) }),
    ...(wire.allowedTokenIds.length > 0 && {
      allowedTokenIds: atMost(wire.allowedTokenIds, MAX_ALLOWED_TOKEN_IDS, field('allowed_token_ids')),
    }),
    ...(badWords.length > 0 && {
      badWords: badWords.map(({ tokens }) => atMost(tokens, MAX_BAD_WORD_TOKENS, field('bad_words'))),
    }),
    ...(wire.minTokens > 0 && {
      minTokens: inRange(wire.minTokens, 0, MAX_SEQUENCE_TOKENS, field('min_tokens')),
    }),
    ...(wire.stopTokenIds.length > 0 && {
      stopTokenIds: atMost(wire.stopTokenIds, MAX_STOP_TOKEN_IDS, field('stop_token_ids')),
    }),
  };
}

function biasFromWire(entries: readonly (readonly [string, number])[]): ReadonlyMap<number, number> {
  return new Map(entries.map(([id, bias]) => [Number(id), inRange(bias, -100, 100, 'sampling.logit_bias')]));
}
