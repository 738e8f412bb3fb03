// The toy models as the round loop sees them: they run the product's own sampling code. The exact law is worked out
// independently, in exact-law.ts.
import {
  changesLogits,
  type Distribution,
  deterministicProposal,
  draftDistribution,
  drawDraft,
  History,
  keyedRandom,
  processLogits,
  rawProbability,
  type SamplingParams,
  sampledProposal,
  sendsLaws,
  toDistribution,
  type VerificationRule,
  verifyProposal,
} from '#libs/sampling/index.js';
import type { DraftPlan, Proposer, Verifier } from '#libs/speculative/index.js';
import { rowIndex, rowIndexAfter, type ToyModel } from './toy-models.js';

export type LawOf = (index: number, history: History) => Distribution;

/** The history that the parameters see in row i of a verification. */
export type View = (history: History, drafted: Uint32Array, i: number) => History;

interface PortOptions {
  /** How much of a sequence is the prompt; only penalties and min tokens ask. */
  readonly promptLength?: number;
  readonly keyed?: typeof keyedRandom;
}

export interface VerifierOptions extends PortOptions {
  /** Replaced by controls only. */
  readonly rule?: VerificationRule;
  /** Replaced by controls only. */
  readonly view?: View;
}

export function toyVerifier(
  model: ToyModel,
  params: SamplingParams,
  { rule = verifyProposal, keyed = keyedRandom, view = positionWise, promptLength = 0 }: VerifierOptions = {},
): Verifier {
  const lawOf = laws(model, params, (logits) => toDistribution(logits, params));
  return {
    async verify({ tokens, sampling }, proposal) {
      const history = new History(tokens, promptLength);
      const row = (i: number) => {
        const index = rowIndex(model, [...tokens.slice(-2), ...proposal.tokens.subarray(0, i)]);
        return lawOf(index, view(history, proposal.tokens, i));
      };
      const random = keyed(sampling.seed, tokens.length);
      const { verification } = params;
      const verdict = rule({
        row,
        proposal,
        firstPosition: tokens.length,
        sampling: { seed: sampling.seed, verification },
        random,
      });
      return { verdict, computeMs: 0, cachedTokens: 0 };
    },
  };
}

const positionWise: View = (history, drafted, i) => history.continueWith(drafted, i);

/** Computed once a row where the row decides: both models are asked the same few rows a million times. */
function laws<T>(
  model: ToyModel,
  params: SamplingParams,
  compute: (logits: Float32Array) => T,
): (index: number, history: History) => T {
  const scratch = new Float32Array(model.vocabSize);
  if (changesLogits(params))
    return (index, history) => compute(processLogits(model.rows[index]!, params, history, { scratch }));
  const known: T[] = [];
  return (index) => {
    known[index] ??= compute(model.rows[index]!);
    return known[index];
  };
}

export interface ProposerOptions extends PortOptions {
  readonly maxSupport?: number;
}

/** Drafts like services/draft/propose.ts, with all of the product's own choices. */
export function toyProposer(
  model: ToyModel,
  params: SamplingParams,
  { maxSupport, keyed = keyedRandom, promptLength = 0 }: ProposerOptions = {},
): Proposer {
  const lawOf = laws(model, params, (logits) => draftDistribution(logits, params, undefined, maxSupport));
  return {
    async propose({ tokens, sampling }, plan) {
      const random = keyed(sampling.seed, tokens.length);
      const history = new History(tokens, promptLength);
      const own = { ...params, seed: sampling.seed };
      const rows: Distribution[] = [];
      const confidences: number[] = [];
      const drafted = draft(
        model,
        history,
        plan,
        (index) => {
          const law = lawOf(index, history);
          rows.push(law);
          return drawDraft(law, own, history.length, random);
        },
        confidences,
      );
      const proposal = sendsLaws(params) ? sampledProposal(drafted, rows) : deterministicProposal(drafted);
      return { proposal, computeMs: 0, confidences };
    },
  };
}

/** Drafts until gamma, or until after the first token that the draft doubts. The history grows with the draft. */
export function draft(
  model: ToyModel,
  history: History,
  plan: DraftPlan,
  choose: (index: number) => number,
  confidences: number[] = [],
): number[] {
  const drafted: number[] = [];
  let reach = 1;
  while (drafted.length < plan.maxTokens) {
    const index = rowIndexAfter(model, history);
    const token = choose(index);
    history.push(token);
    drafted.push(token);
    const confidence = rawProbability(model.rows[index]!, token);
    confidences.push(confidence);
    reach *= confidence;
    if (confidence < plan.minConfidence || reach < (plan.minReach ?? 0)) break;
  }
  return drafted;
}
