// Sampling parameters, speculation and model info ↔ wire.
import type { SamplingParams } from '#libs/sampling/index.js';
import { DRAFT_METHODS, GAMMA_CONTROLLERS, OPTIMISTIC_CHOICES } from '#libs/speculative/index.js';
import type {
  GetModelInfoResponse__Output as WireModelInfo,
  GetModelInfoResponse as WireModelInfoInput,
} from '../generated/outrider/v1/GetModelInfoResponse.js';
import type {
  SamplingParams__Output as WireSampling,
  SamplingParams as WireSamplingInput,
} from '../generated/outrider/v1/SamplingParams.js';
import type { Speculation__Output as WireSpeculation } from '../generated/outrider/v1/Speculation.js';
import { MAX_DRAFT_TOKENS, MAX_ID_LENGTH } from '../limits.js';
import type { ModelInfo, Speculation } from '../messages.js';
import { atMost, inRange, nonNegative, oneOf, present } from './check.js';
import { layoutFromWire, layoutToWire } from './features.js';
import { samplingModesFromWire, samplingModesToWire } from './sampling-modes.js';
import { samplingOptionsFromWire, samplingOptionsToWire } from './sampling-options.js';

type SeedlessSampling = Omit<SamplingParams, 'seed'> & { readonly seed?: bigint };

export function samplingToWire(sampling: SeedlessSampling): WireSamplingInput {
  const { temperature, topK, topP, seed, verification, draftMode, bannedTokenIds: _, ...options } = sampling;
  const modes = samplingModesToWire({ verification, draftMode });
  const plain = { temperature, topK, topP, ...modes, ...samplingOptionsToWire(options) };
  // A JavaScript number cannot hold every uint64; proto-loader reads decimal strings.
  return seed === undefined ? plain : { ...plain, seed: String(seed) };
}

/** For the public service: no message means greedy, and the seed may be missing. */
export function seedlessSamplingFromWire(wire: WireSampling | null): SeedlessSampling {
  if (wire === null) return { temperature: 0, topK: 0, topP: 1 };
  const rest = {
    temperature: nonNegative(wire.temperature, 'sampling.temperature'),
    topK: wire.topK,
    topP: wire.topP === 0 ? 1 : inRange(wire.topP, 0, 1, 'sampling.top_p'),
    ...samplingModesFromWire(wire),
    ...samplingOptionsFromWire(wire),
  };
  return wire.seed === undefined ? rest : { ...rest, seed: BigInt(wire.seed) };
}

/** Between services the message and its seed are required: a made-up seed would break reproducibility silently. */
export function samplingFromWire(wire: WireSampling | null): SamplingParams {
  const sampling = seedlessSamplingFromWire(present(wire, 'sampling'));
  return { ...sampling, seed: present(sampling.seed, 'sampling.seed') };
}

export function speculationFromWire(wire: WireSpeculation | null): Speculation {
  if (wire === null) return { enabled: true, numSpeculativeTokens: 0, method: '' };
  const field = 'speculation.num_speculative_tokens';
  return {
    enabled: wire.enabled ?? true,
    numSpeculativeTokens: inRange(wire.numSpeculativeTokens, 0, MAX_DRAFT_TOKENS, field),
    method: oneOf(wire.method, ['', ...DRAFT_METHODS], 'speculation.method'),
    ...(wire.controller !== '' && {
      controller: oneOf(wire.controller, GAMMA_CONTROLLERS, 'speculation.controller'),
    }),
    ...(wire.optimistic !== '' && {
      optimistic: oneOf(wire.optimistic, OPTIMISTIC_CHOICES, 'speculation.optimistic'),
    }),
  };
}

export function modelInfoToWire({ features, ...info }: ModelInfo): WireModelInfoInput {
  return { ...info, ...(features && { features: layoutToWire(features) }) };
}

export function modelInfoFromWire(wire: WireModelInfo): ModelInfo {
  return {
    model: atMost(wire.model, MAX_ID_LENGTH, 'model'),
    vocabSize: wire.vocabSize,
    vocabularyFingerprint: atMost(wire.vocabularyFingerprint, MAX_ID_LENGTH, 'vocabulary_fingerprint'),
    contextLength: wire.contextLength,
    ...(wire.features && { features: layoutFromWire(wire.features) }),
  };
}
