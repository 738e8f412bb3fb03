// The toy models as the round loop sees them: they run the product's own sampling code. The exact law is worked out
// independently, in exact-law.ts.
import {
  changesLogits,
  type Distribution,
  deterministicProposal,
  draftDistribution,
  History,
  keyedRandom,
  type Proposal,
  Purpose,
  processLogits,
  type RoundRandom,
  rawProbability,
  type SamplingParams,
  sampledProposal,
  sampleFrom,
  toDistribution,
  verifyProposal,
} from '#libs/sampling/index.js';
import type { DraftPlan, Proposer, Verifier } from '#libs/speculative/index.js';
import { rowIndex, rowIndexAfter, type ToyModel } from './toy-models.js';

export type VerifyRule = typeof verifyProposal;
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
  readonly rule?: VerifyRule;
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
      const verdict = rule({ row, proposal, firstPosition: tokens.length, random });
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

export type DraftMode = Proposal['mode'];

export interface ProposerOptions extends PortOptions {
  readonly mode?: DraftMode;
  readonly maxSupport?: number;
}

export function toyProposer(
  model: ToyModel,
  params: SamplingParams,
  { mode, maxSupport, keyed = keyedRandom, promptLength = 0 }: ProposerOptions = {},
): Proposer {
  const lawOf = laws(model, params, (logits) => draftDistribution(logits, params, undefined, maxSupport));
  return {
    async propose({ tokens, sampling }, plan) {
      const random = keyed(sampling.seed, tokens.length);
      const history = new History(tokens, promptLength);
      const proposal =
        mode === 'deterministic'
          ? deterministicProposal(draft(model, history, plan, (index) => heaviest(lawOf(index, history))))
          : sampledDraft(model, history, plan, lawOf, random);
      return { proposal, computeMs: 0 };
    },
  };
}

function sampledDraft(
  model: ToyModel,
  history: History,
  plan: DraftPlan,
  lawOf: LawOf,
  random: RoundRandom,
): Proposal {
  const rows: Distribution[] = [];
  const drafted = draft(model, history, plan, (index) => {
    const law = lawOf(index, history);
    rows.push(law);
    return sampleFrom(law, random(history.length, Purpose.DRAFT));
  });
  return sampledProposal(drafted, rows);
}

/** Drafts until gamma, or until after the first token that the draft doubts. The history grows with the draft. */
export function draft(
  model: ToyModel,
  history: History,
  plan: DraftPlan,
  choose: (index: number) => number,
): number[] {
  const drafted: number[] = [];
  while (drafted.length < plan.maxTokens) {
    const index = rowIndexAfter(model, history);
    const token = choose(index);
    history.push(token);
    drafted.push(token);
    if (plan.minConfidence > 0 && rawProbability(model.rows[index]!, token) < plan.minConfidence) break;
  }
  return drafted;
}

export function heaviest({ ids, weights }: Distribution): number {
  let best = 0;
  for (let i = 1; i < weights.length; i++) if (weights[i]! > weights[best]!) best = i;
  return ids === undefined ? best : ids[best]!;
}
