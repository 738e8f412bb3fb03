// Replays recorded generations through the real round loop: the target's text is known, lookups search its real tokens,
// the draft model's drafts are those recorded, and a cost law moves the clock. So a source's worth is counted, not timed.
import { deterministicProposal, EMPTY_PROPOSAL, GREEDY } from '#libs/sampling/index.js';
import { type DecodePorts, decode } from './decode.js';
import type { AcceptanceTrace, CostLaw } from './gamma/replay.js';
import type { DraftPlan, Proposer, Verifier } from './round.js';

export interface TokenTrace extends AcceptanceTrace {
  readonly family: string;
  readonly prompt: readonly number[];
  readonly answer: readonly number[];
  /** Answers given before. */
  readonly before?: readonly (readonly number[])[];
}

export type Drafting = Pick<DecodePorts, 'proposer' | 'gamma'>;

const VOCAB_SIZE = 50_000;
export const SALT = 'a';

/** Tokens behind the first one, and the milliseconds they took. */
export async function replayTokens(
  trace: TokenTrace,
  costs: CostLaw,
  start: (draftModel: Proposer) => Drafting,
): Promise<{ readonly tokens: number; readonly ms: number }> {
  const clock = { ms: 0 };
  const drafting = start(recordedDraft(trace, costs, clock));
  const request = {
    sessionId: 's',
    promptTokens: trace.prompt,
    sampling: GREEDY,
    cacheSalt: SALT,
    maxTokens: trace.accepted.length,
    contextLength: 2 ** 20,
    stopTokenIds: new Set<number>(),
    vocabSize: VOCAB_SIZE,
  };
  const ports = { ...drafting, verifier: recordedTarget(trace, costs, clock), draftDeadlineMs: 60_000 };
  let [tokens, firstMs] = [0, 0];
  const { signal } = new AbortController();
  for await (const round of decode(request, { ...ports, now: () => clock.ms }, signal)) {
    if (tokens === 0) firstMs = clock.ms;
    tokens += round.tokens.length;
  }
  return { tokens: tokens - 1, ms: clock.ms - firstMs };
}

function recordedTarget({ prompt, answer }: TokenTrace, costs: CostLaw, clock: { ms: number }): Verifier {
  return {
    async verify({ tokens }, proposal) {
      const at = tokens.length - prompt.length;
      const drafted = proposal.tokens.length;
      let acceptedCount = 0;
      while (acceptedCount < drafted && proposal.tokens[acceptedCount] === answer[at + acceptedCount])
        acceptedCount++;
      clock.ms += (drafted === 0 ? costs.plainMs : costs.restMs(drafted)) * costs.noise();
      const verdict = { acceptedCount, finalToken: answer[at + acceptedCount]! };
      return { verdict, computeMs: 0, cachedTokens: 0 };
    },
  };
}

/** What it drafts beyond what the target accepts is wrong. */
function recordedDraft(trace: TokenTrace, costs: CostLaw, clock: { ms: number }): Proposer {
  return {
    async warmUp() {},
    async propose({ tokens }, plan) {
      const at = tokens.length - trace.prompt.length - 1;
      const confidences = drafted(trace.confidences[at] ?? [], plan);
      const wrong = (token: number) => (token + 1) % VOCAB_SIZE;
      const run = confidences.map((_, i) => {
        const right = trace.answer[at + 1 + i]!;
        return i < trace.accepted[at]! ? right : wrong(right);
      });
      clock.ms += costs.draftMs(run.length) * costs.noise();
      const proposal = run.length === 0 ? EMPTY_PROPOSAL : deterministicProposal(run);
      return { proposal, computeMs: 0, confidences };
    },
  };
}

function drafted(confidences: readonly number[], plan: DraftPlan): number[] {
  const { maxTokens, minConfidence, minReach = 0 } = plan;
  const run: number[] = [];
  let reach = 1;
  for (const confidence of confidences.slice(0, maxTokens)) {
    run.push(confidence);
    reach *= confidence;
    if (confidence < minConfidence || reach < minReach) break;
  }
  return run;
}
