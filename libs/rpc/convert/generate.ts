// The verifier's messages ↔ wire.

import type { FinishReason__Output as WireFinishReason } from '../generated/outrider/v1/FinishReason.js';
import type {
  GenerateRequest__Output as WireRequest,
  GenerateRequest as WireRequestInput,
} from '../generated/outrider/v1/GenerateRequest.js';
import type {
  GenerateResponse__Output as WireResponse,
  GenerateResponse as WireResponseInput,
} from '../generated/outrider/v1/GenerateResponse.js';
import type { Round__Output as WireRound, Round as WireRoundInput } from '../generated/outrider/v1/Round.js';
import {
  MAX_DRAFT_ENDPOINTS,
  MAX_DRAFT_TOKENS,
  MAX_ERROR_DETAILS,
  MAX_ID_LENGTH,
  MAX_PRIORITY,
  MAX_SEQUENCE_TOKENS,
  MAX_STOP_TOKEN_IDS,
} from '../limits.js';
import type { FinishReason, GenerateRequest, GenerateResponse, RoundStats } from '../messages.js';
import { atMost, inRange, invalid, nonNegative, present } from './check.js';
import { checkEndpoint } from './endpoint.js';
import { grammarFromWire, grammarToWire } from './grammar.js';
import { logprobsAskedFor, logprobsFromWire, logprobsToWire } from './logprobs.js';
import { samplingFromWire, samplingToWire, speculationFromWire } from './sampling.js';

export function generateRequestToWire(request: GenerateRequest): WireRequestInput {
  return {
    requestId: request.requestId,
    sessionId: request.sessionId,
    tokens: request.tokens as number[],
    sampling: samplingToWire(request.sampling),
    maxTokens: request.maxTokens,
    stopTokenIds: request.stopTokenIds as number[],
    speculation: request.speculation,
    draftEndpoints: request.draftEndpoints as string[],
    fencingGeneration: String(request.fencingGeneration),
    promptLength: request.promptLength,
    cacheSalt: request.cacheSalt ?? '',
    tenant: request.tenant ?? '',
    priority: request.priority ?? 0,
    ...(request.logprobs !== undefined && { logprobs: request.logprobs }),
    ...(request.promptLogprobs !== undefined && { promptLogprobs: request.promptLogprobs }),
    ...(request.grammar !== undefined && { grammar: grammarToWire(request.grammar) }),
  };
}

export function generateRequestFromWire(wire: WireRequest): GenerateRequest {
  atMost(wire.draftEndpoints, MAX_DRAFT_ENDPOINTS, 'draft_endpoints');
  return {
    requestId: atMost(wire.requestId, MAX_ID_LENGTH, 'request_id'),
    sessionId: atMost(wire.sessionId, MAX_ID_LENGTH, 'session_id'),
    tokens: atMost(wire.tokens, MAX_SEQUENCE_TOKENS, 'tokens'),
    promptLength: inRange(wire.promptLength || wire.tokens.length, 0, wire.tokens.length, 'prompt_length'),
    sampling: samplingFromWire(wire.sampling),
    maxTokens: inRange(wire.maxTokens, 0, MAX_SEQUENCE_TOKENS, 'max_tokens'),
    stopTokenIds: atMost(wire.stopTokenIds, MAX_STOP_TOKEN_IDS, 'stop_token_ids'),
    speculation: speculationFromWire(wire.speculation),
    draftEndpoints: wire.draftEndpoints.map((endpoint) => checkEndpoint(endpoint, 'draft_endpoints')),
    fencingGeneration: BigInt(wire.fencingGeneration),
    ...(wire.cacheSalt !== '' && { cacheSalt: atMost(wire.cacheSalt, MAX_ID_LENGTH, 'cache_salt') }),
    ...(wire.tenant !== '' && { tenant: atMost(wire.tenant, MAX_ID_LENGTH, 'tenant') }),
    ...(wire.priority !== 0 && { priority: checkPriority(wire.priority) }),
    ...logprobsAskedFor(wire),
    ...(wire.grammar && { grammar: grammarFromWire(wire.grammar) }),
  };
}

export function checkPriority(priority: number): number {
  return inRange(priority, -MAX_PRIORITY, MAX_PRIORITY, 'priority');
}

export function generateResponseToWire(response: GenerateResponse): WireResponseInput {
  return {
    tokens: response.tokens as number[],
    round: roundToWire(response.round),
    finishReason: finishReasonToWire(response.finishReason),
    ...logprobsToWire(response),
  };
}

export function generateResponseFromWire(wire: WireResponse): GenerateResponse {
  const finishReason = finishReasonFromWire(wire.finishReason);
  return {
    tokens: atMost(wire.tokens, MAX_DRAFT_TOKENS + 1, 'tokens'),
    round: roundFromWire(present(wire.round, 'round')),
    ...(finishReason === undefined ? {} : { finishReason }),
    ...logprobsFromWire(wire),
  };
}

/** A long reason is cut rather than refused: it must not end a generation that goes on without its draft. */
export function roundToWire(round: RoundStats): WireRoundInput {
  return { ...round, draftFailure: (round.draftFailure ?? '').slice(0, MAX_ERROR_DETAILS) };
}

export function roundFromWire(wire: WireRound): RoundStats {
  return {
    drafted: inRange(wire.drafted, 0, MAX_DRAFT_TOKENS, 'round.drafted'),
    accepted: inRange(wire.accepted, 0, wire.drafted, 'round.accepted'),
    draftMs: nonNegative(wire.draftMs, 'round.draft_ms'),
    verifyMs: nonNegative(wire.verifyMs, 'round.verify_ms'),
    totalMs: nonNegative(wire.totalMs, 'round.total_ms'),
    draftComputeMs: nonNegative(wire.draftComputeMs, 'round.draft_compute_ms'),
    verifyComputeMs: nonNegative(wire.verifyComputeMs, 'round.verify_compute_ms'),
    cachedTokens: wire.cachedTokens,
    ...(wire.draftedAhead > 0 && {
      draftedAhead: inRange(wire.draftedAhead, 0, wire.drafted, 'round.drafted_ahead'),
    }),
    ...(wire.batchSize > 0 && { batchSize: wire.batchSize, batchTokens: wire.batchTokens }),
    ...(wire.draftFailure === ''
      ? {}
      : { draftFailure: atMost(wire.draftFailure, MAX_ERROR_DETAILS, 'round.draft_failure') }),
  };
}

export function finishReasonToWire(reason: FinishReason | undefined): WireFinishReason {
  if (reason === undefined) return 'FINISH_REASON_UNSPECIFIED';
  return reason === 'stop' ? 'FINISH_REASON_STOP' : 'FINISH_REASON_LENGTH';
}

export function finishReasonFromWire(wire: WireFinishReason): FinishReason | undefined {
  switch (wire) {
    case 'FINISH_REASON_UNSPECIFIED':
      return undefined;
    case 'FINISH_REASON_STOP':
      return 'stop';
    case 'FINISH_REASON_LENGTH':
      return 'length';
    default:
      throw invalid('finish_reason', `has the unknown value ${String(wire)}.`);
  }
}
