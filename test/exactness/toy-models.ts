// Toy models of a known law: the next token depends on the last two. Their ports run the product's own sampling code;
// the exact law is worked out here independently, by sorting and summing.
import {
  type Distribution,
  deterministicProposal,
  draftDistribution,
  keyedRandom,
  type Proposal,
  Purpose,
  type RoundRandom,
  rawProbability,
  type SamplingParams,
  sampledProposal,
  sampleFrom,
  toDistribution,
  verifyProposal,
} from '#libs/sampling/index.js';
import type { DraftPlan, Proposer, Sequence, TimedProposal, Verifier } from '#libs/speculative/index.js';

/** Logits of the next token, one row a pair of last tokens. [vocabSize²][vocabSize] */
export interface ToyModel {
  readonly vocabSize: number;
  readonly rows: readonly Float32Array[];
}

export type Logit = (row: number, token: number, random: () => number) => number;

export function toyModel(vocabSize: number, seed: number, logit: Logit): ToyModel {
  const draw = keyedRandom(BigInt(seed), 0);
  let position = 0;
  const random = () => draw(position++, Purpose.DRAFT);
  const rows = Array.from({ length: vocabSize ** 2 }, (_, row) =>
    Float32Array.from({ length: vocabSize }, (__, token) => logit(row, token, random)),
  );
  return { vocabSize, rows };
}

export function rowIndex(model: ToyModel, tokens: readonly number[]): number {
  return tokens.at(-2)! * model.vocabSize + tokens.at(-1)!;
}

/** Computes each row's law once: both models are asked the same few rows a million times. */
function memoised<T>(
  model: ToyModel,
  compute: (logits: Float32Array) => T,
): (tokens: readonly number[]) => T {
  const laws: T[] = [];
  return (tokens) => {
    const index = rowIndex(model, tokens);
    laws[index] ??= compute(model.rows[index]!);
    return laws[index];
  };
}

export type LawOf = (tokens: readonly number[]) => Distribution;
export type VerifyRule = typeof verifyProposal;

/** The target as the round loop sees it. `rule` and `keyed` are replaced by controls only. */
export function toyVerifier(
  model: ToyModel,
  params: SamplingParams,
  rule: VerifyRule = verifyProposal,
  keyed: typeof keyedRandom = keyedRandom,
): Verifier {
  const lawOf = memoised(model, (logits) => toDistribution(logits, params));
  return {
    async verify({ tokens, sampling }, proposal) {
      const row = (i: number) => lawOf([...tokens.slice(-2), ...proposal.tokens.subarray(0, i)]);
      const random = keyed(sampling.seed, tokens.length);
      const verdict = rule({ row, proposal, firstPosition: tokens.length, random });
      return { verdict, computeMs: 0, cachedTokens: 0 };
    },
  };
}

export type DraftMode = Proposal['mode'];

/** The draft as the round loop sees it. */
export function toyProposer(
  model: ToyModel,
  params: SamplingParams,
  options: { mode?: DraftMode; maxSupport?: number; keyed?: typeof keyedRandom } = {},
): Proposer {
  const lawOf = memoised(model, (logits) => draftDistribution(logits, params, undefined, options.maxSupport));
  const keyed = options.keyed ?? keyedRandom;
  return {
    async propose({ tokens, sampling }: Sequence, plan: DraftPlan): Promise<TimedProposal> {
      const random = keyed(sampling.seed, tokens.length);
      const proposal =
        options.mode === 'deterministic'
          ? deterministicProposal(draft(model, tokens, plan, (context) => heaviest(lawOf(context))))
          : sampledDraft(model, tokens, plan, lawOf, random);
      return { proposal, computeMs: 0 };
    },
  };
}

function sampledDraft(
  model: ToyModel,
  tokens: readonly number[],
  plan: DraftPlan,
  lawOf: LawOf,
  random: RoundRandom,
): Proposal {
  const rows: Distribution[] = [];
  const drafted = draft(model, tokens, plan, (context, position) => {
    const law = lawOf(context);
    rows.push(law);
    return sampleFrom(law, random(position, Purpose.DRAFT));
  });
  return sampledProposal(drafted, rows);
}

/** Drafts until gamma, or until after the first token that the draft doubts. */
export function draft(
  model: ToyModel,
  committed: readonly number[],
  plan: DraftPlan,
  choose: (context: readonly number[], position: number) => number,
): number[] {
  const context = committed.slice(-2);
  for (let i = 0; i < plan.maxTokens; i++) {
    const logits = model.rows[rowIndex(model, context)]!;
    const token = choose(context, committed.length + i);
    context.push(token);
    if (plan.minConfidence > 0 && rawProbability(logits, token) < plan.minConfidence) break;
  }
  return context.slice(2);
}

export function heaviest({ ids, weights }: Distribution): number {
  let best = 0;
  for (let i = 1; i < weights.length; i++) if (weights[i]! > weights[best]!) best = i;
  return ids === undefined ? best : ids[best]!;
}
