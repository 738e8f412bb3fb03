// Log probabilities ↔ wire. What is not asked for, or has no entries, is absent in the domain.
import type { TokenLogprobs } from '#libs/sampling/index.js';
import type { GenerateRequest__Output as WireRequest } from '../generated/outrider/v1/GenerateRequest.js';
import type {
  GenerateResponse__Output as WireResponse,
  GenerateResponse as WireResponseInput,
} from '../generated/outrider/v1/GenerateResponse.js';
import type { TokenLogprobs__Output as WireLogprobs } from '../generated/outrider/v1/TokenLogprobs.js';
import { MAX_MESSAGE_BYTES, MAX_SEQUENCE_TOKENS, MAX_TOP_LOGPROBS } from '../limits.js';
import type { GenerateRequest, GenerateResponse } from '../messages.js';
import { atMost, inRange, invalid } from './check.js';

// The lowest float32: what a finite log probability can be at worst.
const LOWEST = -3.4028234663852886e38;
/** Most bytes of one TokenLogprobs on the wire: tags, lengths and its own value; then a 5-byte id and a float a row. */
const ENTRY_BYTES = 16;
const ALTERNATIVE_BYTES = 9;

export function logprobsAskedFor(wire: WireRequest): Pick<GenerateRequest, 'logprobs' | 'promptLogprobs'> {
  const { logprobs, promptLogprobs } = wire;
  return {
    ...(logprobs !== undefined && { logprobs: inRange(logprobs, 0, MAX_TOP_LOGPROBS, 'logprobs') }),
    ...(promptLogprobs !== undefined && { promptLogprobs: checkPromptLogprobs(promptLogprobs, wire) }),
  };
}

/** They travel in one message, which must not outgrow what the other side accepts: refused before any work is done. */
function checkPromptLogprobs(alternatives: number, wire: WireRequest): number {
  inRange(alternatives, 0, MAX_TOP_LOGPROBS, 'prompt_logprobs');
  const most = Math.floor(MAX_MESSAGE_BYTES / 2 / (ENTRY_BYTES + alternatives * ALTERNATIVE_BYTES));
  const numTokens = wire.promptLength || wire.tokens.length;
  if (numTokens > most)
    throw invalid(
      'prompt_logprobs',
      `of ${alternatives} alternatives are limited to prompts of ${most} tokens; this one has ${numTokens}.`,
    );
  return alternatives;
}

export function logprobsToWire({
  logprobs = [],
  promptLogprobs = [],
}: GenerateResponse): Pick<WireResponseInput, 'logprobs' | 'promptLogprobs'> {
  // The wire's arrays are mutable by type only.
  const mutable = (list: readonly TokenLogprobs[]) => list as WireLogprobs[];
  return { logprobs: mutable(logprobs), promptLogprobs: mutable(promptLogprobs) };
}

export function logprobsFromWire(wire: WireResponse): Pick<GenerateResponse, 'logprobs' | 'promptLogprobs'> {
  const { logprobs, promptLogprobs, tokens } = wire;
  if (logprobs.length > 0 && logprobs.length !== tokens.length)
    throw invalid('logprobs', `has ${logprobs.length} entries for ${tokens.length} tokens.`);
  atMost(promptLogprobs, MAX_SEQUENCE_TOKENS, 'prompt_logprobs');
  return {
    ...(logprobs.length > 0 && { logprobs: logprobs.map((entry) => fromWire(entry, 'logprobs')) }),
    ...(promptLogprobs.length > 0 && {
      promptLogprobs: promptLogprobs.map((entry) => fromWire(entry, 'prompt_logprobs')),
    }),
  };
}

function fromWire({ logprob, topIds, topLogprobs }: WireLogprobs, field: string): TokenLogprobs {
  atMost(topIds, MAX_TOP_LOGPROBS, `${field}.top_ids`);
  if (topLogprobs.length !== topIds.length)
    throw invalid(`${field}.top_logprobs`, `has ${topLogprobs.length} entries for ${topIds.length} ids.`);
  for (const value of topLogprobs) inRange(value, LOWEST, 0, `${field}.top_logprobs`);
  return { logprob: inRange(logprob, LOWEST, 0, `${field}.logprob`), topIds, topLogprobs };
}
