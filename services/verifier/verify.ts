// One verification: brings the slot to the sequence's tokens, runs ONE forward over what the cache lacks and the drafted
// tokens, and lets the request's rule judge. An empty proposal is plain decoding, and a prompt's prefill too.
import type { Engine } from '#libs/engine/index.js';
import { AppError } from '#libs/errors/index.js';
import { type MaskRows, maskRow } from '#libs/grammar/index.js';
import {
  changesLogits,
  History,
  keyedRandom,
  NothingAllowedError,
  type Proposal,
  processLogits,
  toDistribution,
  verifyProposal,
} from '#libs/sampling/index.js';
import type { Sequence, TimedVerdict } from '#libs/speculative/index.js';
import { type LogprobsAsked, logprobsOf, promptLogprobsOf } from './logprobs.js';

export interface Target extends Engine {
  /** Where a dense row's law is computed, and where a row's logits are processed. [vocabSize] each */
  readonly scratch: { readonly law: Float64Array; readonly logits: Float32Array };
}

export function targetOf(engine: Engine): Target {
  const { headSize } = engine.model;
  return { ...engine, scratch: { law: new Float64Array(headSize), logits: new Float32Array(headSize) } };
}

/**
 * @param proposal Valid: its tokens lie in the vocabulary.
 * @param masked What a grammar allows in each row: asked for already, awaited only behind the forward.
 */
export async function verify(
  { model, slots, scratch }: Target,
  sequence: Sequence,
  proposal: Proposal,
  signal: AbortSignal,
  asked: LogprobsAsked = {},
  masked?: Promise<MaskRows> | undefined,
): Promise<TimedVerdict> {
  const { sessionId, tokens, sampling, cacheSalt: salt } = sequence;
  const gamma = proposal.tokens.length;
  const slot = slots.acquire({ key: sessionId, salt, prefixLength: 0, tokens, room: gamma + 1 });
  const firstPosition = slot.tokens.length;

  const startMs = performance.now();
  const promptLogprobs = await promptLogprobsOf(model, slot, sequence, asked, signal);
  // The rows of a prompt's own logprobs were just computed, whatever the cache knew before.
  const cachedTokens = promptLogprobs === undefined ? slot.cache.length : 0;
  const pending = [...slot.tokens.slice(slot.cache.length), ...proposal.tokens];
  const logits = await model.advance(slot.cache, pending, gamma + 1, signal);
  const computeMs = performance.now() - startMs;

  const masks = await masked;
  const processed = processedRows(sequence, proposal, masks, scratch.logits);
  const vocabSize = model.headSize;
  const verdict = verifyProposal({
    row: (i) => {
      const row = logits.subarray(i * vocabSize, (i + 1) * vocabSize);
      return toDistribution(processed(row, i), sampling, i, scratch.law);
    },
    proposal,
    firstPosition,
    sampling,
    random: keyedRandom(sampling.seed, firstPosition),
  });

  // A drafted token that the grammar refuses has probability 0, so that no row behind it is ever decided by.
  if (masks !== undefined && verdict.acceptedCount >= masks.numRows)
    throw new AppError('internal', 'A drafted token was accepted that the grammar refuses.');

  slot.cache.truncate(firstPosition + verdict.acceptedCount);
  const committed = [...proposal.tokens.subarray(0, verdict.acceptedCount), verdict.finalToken];
  slot.tokens.push(...committed);
  // Inside this turn: the next forward writes over the rows.
  const numTop = asked.logprobs;
  return {
    verdict,
    computeMs,
    cachedTokens,
    ...(numTop !== undefined && { logprobs: logprobsOf(logits, vocabSize, committed, numTop) }),
    ...(promptLogprobs && { promptLogprobs }),
  };
}

/** Row i after bias, forbidden tokens and penalties: it sees the committed tokens and drafted[0 … i − 1]. */
function processedRows(
  { tokens, promptLength, sampling }: Sequence,
  proposal: Proposal,
  masks: MaskRows | undefined,
  scratch: Float32Array,
): (row: Float32Array, i: number) => Float32Array {
  if (!changesLogits(sampling) && masks === undefined) return (row) => row;
  const history = new History(tokens, promptLength);
  return (row, i) => {
    try {
      const allowedMask = masks && maskRow(masks, i);
      return processLogits(row, sampling, history.continueWith(proposal.tokens, i), { scratch, allowedMask });
    } catch (cause) {
      if (!(cause instanceof NothingAllowedError)) throw cause;
      throw new AppError('invalid_argument', cause.message, { cause });
    }
  };
}
