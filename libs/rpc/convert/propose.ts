// The draft's messages ↔ wire.

import type {
  ProposeRequest__Output as WireRequest,
  ProposeRequest as WireRequestInput,
} from '../generated/outrider/v1/ProposeRequest.js';
import type {
  ProposeResponse__Output as WireResponse,
  ProposeResponse as WireResponseInput,
} from '../generated/outrider/v1/ProposeResponse.js';
import { MAX_DRAFT_TOKENS, MAX_ID_LENGTH, MAX_SEQUENCE_TOKENS } from '../limits.js';
import type { ProposeRequest, ProposeResponse } from '../messages.js';
import { atMost, inRange, present, safeInteger } from './check.js';
import { featuresFromWire, featuresToWire } from './features.js';
import { proposalFromWire, proposalToWire } from './proposal.js';
import { samplingFromWire, samplingToWire } from './sampling.js';

export function proposeRequestToWire(request: ProposeRequest): WireRequestInput {
  return {
    round: request.round,
    sessionId: request.sessionId,
    prefixLength: request.prefixLength,
    tokens: request.tokens as number[],
    maxTokens: request.maxTokens,
    ...(request.sampling && { sampling: samplingToWire(request.sampling) }),
    minConfidence: request.minConfidence,
    minReach: request.minReach ?? 0,
    draftAhead: request.draftAhead ?? 0,
    promptLength: request.promptLength,
    cacheSalt: request.cacheSalt ?? '',
    vocabularyFingerprint: request.vocabularyFingerprint ?? '',
    ...(request.features && featuresToWire(request.features)),
  };
}

export function proposeRequestFromWire(wire: WireRequest): ProposeRequest {
  return {
    round: safeInteger(wire.round, 'round'),
    sessionId: atMost(wire.sessionId, MAX_ID_LENGTH, 'session_id'),
    prefixLength: inRange(wire.prefixLength, 0, MAX_SEQUENCE_TOKENS, 'prefix_length'),
    tokens: atMost(wire.tokens, MAX_SEQUENCE_TOKENS - wire.prefixLength, 'tokens'),
    maxTokens: inRange(wire.maxTokens, 0, MAX_DRAFT_TOKENS, 'max_tokens'),
    promptLength: inRange(wire.promptLength, 0, wire.prefixLength + wire.tokens.length, 'prompt_length'),
    minConfidence: inRange(wire.minConfidence, 0, 1, 'min_confidence'),
    ...(wire.sampling && { sampling: samplingFromWire(wire.sampling) }),
    ...(wire.cacheSalt !== '' && { cacheSalt: atMost(wire.cacheSalt, MAX_ID_LENGTH, 'cache_salt') }),
    ...(wire.draftAhead > 0 && {
      draftAhead: inRange(wire.draftAhead, 0, MAX_DRAFT_TOKENS, 'draft_ahead'),
    }),
    ...(wire.minReach !== 0 && { minReach: inRange(wire.minReach, 0, 1, 'min_reach') }),
    ...(wire.vocabularyFingerprint !== '' && {
      vocabularyFingerprint: atMost(wire.vocabularyFingerprint, MAX_ID_LENGTH, 'vocabulary_fingerprint'),
    }),
    ...(wire.features.length > 0 && { features: featuresFromWire(wire) }),
  };
}

export function proposeResponseToWire(response: ProposeResponse): WireResponseInput {
  if (response.outcome === 'session_lost') return { round: response.round, sessionLost: {} };
  return { round: response.round, proposal: proposalToWire(response) };
}

/** @param maxTokens of the request this answers. */
export function proposeResponseFromWire(wire: WireResponse, maxTokens: number): ProposeResponse {
  const round = safeInteger(wire.round, 'round');
  if (wire.outcome === 'sessionLost') return { round, outcome: 'session_lost' };
  return { round, outcome: 'proposal', ...proposalFromWire(present(wire.proposal, 'outcome'), maxTokens) };
}
