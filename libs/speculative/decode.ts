// The round loop of speculative decoding: a draft proposes, the target verifies, the committed tokens follow the
// target's law whatever the draft does. An empty proposal is plain decoding, and the first one is the prefill.
import { AppError } from '#libs/errors/index.js';
import type { SamplingParams } from '#libs/sampling/index.js';
import { abortable } from './abortable.js';
import type { FeatureWindow } from './feature-window.js';
import { GuardedProposer, NO_PROPOSAL } from './guarded-proposer.js';
import type { DraftPlan, GammaController, Proposer, Round, Sequence, Verifier } from './round.js';

export interface DecodeRequest {
  readonly sessionId: string;
  /** At least one token. */
  readonly promptTokens: readonly number[];
  /** How many of the prompt's tokens the client sent; after a failover the others were generated. Default all. */
  readonly promptLength?: number;
  readonly cacheSalt?: string | undefined;
  readonly sampling: SamplingParams;
  /** Most tokens to generate, at least 1. */
  readonly maxTokens: number;
  /** Most tokens the target can hold, prompt included. */
  readonly contextLength: number;
  /** Each ends the generation and is the last token committed. */
  readonly stopTokenIds: ReadonlySet<number>;
  readonly vocabSize: number;
  /** Filled by the verifier for the proposer, where both want it. */
  readonly featureWindow?: FeatureWindow | undefined;
}

export interface DecodePorts {
  readonly verifier: Verifier;
  /** Without one every round is plain decoding. */
  readonly proposer?: Proposer | undefined;
  readonly gamma: GammaController;
  /** Longest wait for a proposal. */
  readonly draftDeadlineMs: number;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
}

/**
 * Yields a Round for each round; the last one has a finishReason. Throws AppError `invalid_argument` or
 * `context_length_exceeded` before the first round, what the verifier throws, and the signal's reason once aborted.
 */
export async function* decode(
  request: DecodeRequest,
  { verifier, proposer, gamma, draftDeadlineMs, now }: DecodePorts,
  signal: AbortSignal,
): AsyncGenerator<Round, void, void> {
  let remaining = tokenBudget(request);
  const tokens = Array.from(request.promptTokens);
  const { sessionId, sampling, promptLength = tokens.length, cacheSalt, featureWindow } = request;
  const sequence: Sequence = { sessionId, tokens, promptLength, sampling, cacheSalt, featureWindow };
  const draft =
    proposer && new GuardedProposer(proposer, { vocabSize: request.vocabSize, deadlineMs: draftDeadlineMs });
  try {
    for (let isFirst = true; remaining > 0; isFirst = false) {
      signal.throwIfAborted();
      const startedAt = now();

      // 1. Choose gamma. The final token needs a place too, so more than remaining − 1 drafts could not be committed.
      const plan = clip(gamma.next(), remaining - 1);

      // 2. Ask for a proposal. In the first round the draft reads the prompt while the target does.
      const wantsDraft = draft !== undefined && plan.maxTokens > 0;
      if (isFirst && wantsDraft) draft.warmUp(sequence);
      const asksDraft = wantsDraft && !isFirst;
      const {
        proposal,
        computeMs,
        confidences = [],
        draftedAhead = 0,
        failure,
        insteadOf = failure,
      } = asksDraft ? await draft.propose(sequence, plan, signal) : NO_PROPOSAL;
      const draftedAt = now();

      // 3. Verify: one forward of the target over what is new and what was drafted.
      const verified = await abortable(verifier.verify(sequence, proposal, signal), signal);
      const { acceptedCount, finalToken } = verified.verdict;
      const verifiedAt = now();

      // 4. Commit the accepted tokens and the final token, but nothing after a stop token.
      const run = [...proposal.tokens.subarray(0, acceptedCount), finalToken];
      const stopIndex = run.findIndex((token) => request.stopTokenIds.has(token));
      const committed = stopIndex < 0 ? run : run.slice(0, stopIndex + 1);
      tokens.push(...committed);
      remaining -= committed.length;
      const draftMs = draftedAt - startedAt;
      const outcome = { drafted: proposal.tokens.length, accepted: acceptedCount };
      if (!isFirst && failure === undefined)
        gamma.observe({ ...outcome, confidences, draftMs, restMs: verifiedAt - draftedAt, load: verified });
      if (failure !== undefined) gamma.lose?.(draftMs);

      // 5. Stop? The budget is never overrun, since gamma was clipped to it.
      const finishReason = stopIndex >= 0 ? 'stop' : remaining === 0 ? 'length' : undefined;
      if (finishReason !== undefined) remaining = 0;

      // 6. Yield.
      yield {
        tokens: committed,
        drafted: outcome.drafted,
        accepted: Math.min(acceptedCount, committed.length),
        draftMs,
        verifyMs: verifiedAt - draftedAt,
        totalMs: now() - startedAt,
        draftComputeMs: computeMs,
        verifyComputeMs: verified.computeMs,
        cachedTokens: verified.cachedTokens,
        ...(draftedAhead > 0 && { draftedAhead }),
        ...(verified.batchSize !== undefined && { batchSize: verified.batchSize }),
        ...(verified.batchTokens !== undefined && { batchTokens: verified.batchTokens }),
        ...(insteadOf !== undefined && { draftFailure: insteadOf }),
        ...(finishReason !== undefined && { finishReason }),
        ...(verified.logprobs && { logprobs: verified.logprobs.slice(0, committed.length) }),
        ...(verified.promptLogprobs && { promptLogprobs: verified.promptLogprobs }),
      };
    }
  } finally {
    draft?.close();
  }
}

function clip(plan: DraftPlan, mostTokens: number): DraftPlan {
  const { ahead = 0 } = plan;
  const maxTokens = Math.min(plan.maxTokens, mostTokens);
  // Work ahead presumes a round of maxTokens + 1 tokens, and the round behind it ends with a final token too.
  const mostAhead = Math.max(0, mostTokens - maxTokens - 1);
  if (maxTokens === plan.maxTokens && ahead <= mostAhead) return plan;
  return { ...plan, maxTokens, ahead: Math.min(ahead, mostAhead) };
}

/** How many tokens may be generated. */
function tokenBudget({ promptTokens, maxTokens, contextLength }: DecodeRequest): number {
  if (promptTokens.length === 0)
    throw new AppError('invalid_argument', 'The prompt has no tokens; send at least one.', {
      field: 'tokens',
    });
  if (!Number.isInteger(maxTokens) || maxTokens < 1)
    throw new AppError(
      'invalid_argument',
      `max_tokens is ${maxTokens}; it must be a whole number of at least 1.`,
      {
        field: 'max_tokens',
      },
    );
  if (promptTokens.length >= contextLength)
    throw new AppError(
      'context_length_exceeded',
      `The prompt has ${promptTokens.length} tokens, which leaves no room in the maximum context length of ${contextLength} tokens; shorten it.`,
      { field: 'tokens' },
    );
  return Math.min(maxTokens, contextLength - promptTokens.length);
}
