// One verification: brings the slot to the sequence's tokens, feeds what the cache lacks and the drafted tokens, in forwards
// that the batcher shares with other sessions, and lets the request's rule judge. An empty proposal is plain decoding, and
// a prompt's prefill too.
import type { Claim, Engine, Slot } from '#libs/engine/index.js';
import { AppError } from '#libs/errors/index.js';
import type { MaskRows } from '#libs/grammar/index.js';
import {
  keyedRandom,
  type Proposal,
  toDistribution,
  type Verdict,
  verifyProposal,
} from '#libs/sampling/index.js';
import type { Sequence, TimedVerdict } from '#libs/speculative/index.js';
import { FreshFeatures } from './fresh-features.js';
import { type LogprobsAsked, logprobsOf, promptLogprobsOf } from './logprobs.js';
import { processedRows } from './processed-rows.js';

export interface Target extends Engine {
  /** Where a dense row's law is computed, and where a row's logits are processed. [vocabSize] each */
  readonly scratch: { readonly law: Float64Array; readonly logits: Float32Array };
}

export interface VerifyRequest extends LogprobsAsked {
  /** Whose work it is, where work waits. */
  readonly claim?: Claim | undefined;
}

export function targetOf(engine: Engine): Target {
  const { headSize } = engine.model;
  return { ...engine, scratch: { law: new Float64Array(headSize), logits: new Float32Array(headSize) } };
}

/**
 * @param proposal Valid: its tokens lie in the vocabulary.
 * @param masked What a grammar allows in each row: asked for already, awaited only behind the forward.
 */
export function verify(
  target: Target,
  sequence: Sequence,
  proposal: Proposal,
  signal: AbortSignal,
  request: VerifyRequest = {},
  masked?: Promise<MaskRows> | undefined,
): Promise<TimedVerdict> {
  const { sessionId: key, tokens, cacheSalt: salt } = sequence;
  const room = proposal.tokens.length + 1;
  const job = (slot: Slot) => verifyIn(slot, { target, sequence, proposal, request, masked }, signal);
  return target.slotUse.run({ key, salt, prefixLength: 0, tokens, room }, job, signal);
}

interface Verification {
  readonly target: Target;
  readonly sequence: Sequence;
  readonly proposal: Proposal;
  readonly request: VerifyRequest;
  readonly masked: Promise<MaskRows> | undefined;
}

type Judged = Pick<TimedVerdict, 'verdict' | 'logprobs'>;

async function verifyIn(slot: Slot, verification: Verification, signal: AbortSignal): Promise<TimedVerdict> {
  const { target, sequence, proposal, request, masked } = verification;
  const { batcher, model } = target;
  let masks: MaskRows | undefined;
  masked?.then(
    (rows) => (masks = rows),
    () => {},
  );
  const reader = { batcher, headSize: model.headSize, claim: request.claim };
  const prompt = await promptLogprobsOf(reader, slot, sequence, request, signal);
  // The rows of a prompt's own logprobs were just computed, whatever the cache knew before.
  const cachedTokens = prompt === undefined ? slot.cache.length : 0;
  const tokens = [...slot.tokens.slice(slot.cache.length), ...proposal.tokens];
  const drafted = proposal.tokens.length;
  const fed = { start: slot.cache.length, count: tokens.length, drafted };
  const features = new FreshFeatures(sequence.featureWindow, fed);
  const { writes } = features;
  const work = { cache: slot.cache, tokens, rows: drafted + 1, writes, claim: request.claim };
  const {
    judged,
    computeMs,
    waitMs,
    jobs,
    tokens: batchTokens,
    rows: batchRows,
  } = await batcher.advance(
    work,
    // Judged at once: the next forward writes over the rows. Only what must wait for its masks is copied.
    (logits, stats) => {
      const mayBeJudged = masked === undefined || masks !== undefined;
      return { ...stats, judged: mayBeJudged ? judge(verification, slot, logits, masks) : logits.slice() };
    },
    signal,
  );
  const outcome = judged instanceof Float32Array ? judge(verification, slot, judged, await masked) : judged;
  // The final token is committed, but nothing has read it yet.
  features.keep(slot.tokens.length - 1);
  return {
    ...outcome,
    computeMs: computeMs + (prompt?.computeMs ?? 0),
    cachedTokens,
    waitMs,
    batchSize: jobs,
    batchTokens,
    batchRows,
    ...(prompt && { promptLogprobs: prompt.entries }),
  };
}

/** Commits what the rule decides to the slot. */
function judge(
  { target: { model, scratch }, sequence, proposal, request }: Verification,
  { tokens, cache }: Slot,
  logits: Float32Array,
  masks: MaskRows | undefined,
): Judged {
  const { sampling } = sequence;
  const vocabSize = model.headSize;
  const firstPosition = tokens.length;
  const processed = processedRows(sequence, proposal, masks, scratch.logits);
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
  checkAllowed(verdict, masks);
  cache.truncate(firstPosition + verdict.acceptedCount);
  const committed = [...proposal.tokens.subarray(0, verdict.acceptedCount), verdict.finalToken];
  tokens.push(...committed);
  const numTop = request.logprobs;
  return {
    verdict,
    ...(numTop !== undefined && { logprobs: logprobsOf(logits, vocabSize, committed, numTop) }),
  };
}

/** A drafted token that the grammar refuses has probability 0, so that no row behind it is ever decided by. */
function checkAllowed({ acceptedCount }: Verdict, masks: MaskRows | undefined): void {
  if (masks !== undefined && acceptedCount >= masks.numRows)
    throw new AppError('internal', 'A drafted token was accepted that the grammar refuses.');
}
