// Drafts that break the one rule for drafts: q is the law that the token was drawn from.
import {
  deterministicProposal,
  draftDistribution,
  drawDraft,
  History,
  keyedRandom,
  type Proposal,
  Purpose,
  rawProbability,
  type SamplingParams,
  sampledProposal,
  sampleFrom,
} from '#libs/sampling/index.js';
import type { Proposer } from '#libs/speculative/index.js';
import { rowIndex, type ToyModel } from './toy-models.js';
import { draft, toyProposer } from './toy-ports.js';

/** An honest proposer whose proposals are changed on the way. */
function changed(
  proposer: Proposer,
  change: (proposal: Proposal, committed: readonly number[], minConfidence: number) => Proposal,
): Proposer {
  return {
    async propose(sequence, plan, signal) {
      const answer = await proposer.propose(sequence, plan, signal);
      return { ...answer, proposal: change(answer.proposal, sequence.tokens, plan.minConfidence) };
    },
  };
}

export function dropsDoubtful(model: ToyModel, sampling: SamplingParams): Proposer {
  return changed(toyProposer(model, sampling), (proposal, committed, minConfidence) => {
    const last = proposal.tokens.length - 1;
    const context = [...committed.slice(-2), ...proposal.tokens.subarray(0, last)];
    const confidence = rawProbability(model.rows[rowIndex(model, context)]!, proposal.tokens[last]!);
    if (confidence >= minConfidence) return proposal;
    const tokens = proposal.tokens.subarray(0, last);
    if (proposal.mode === 'deterministic') return deterministicProposal(tokens);
    const end = proposal.qOffsets[last]!;
    return {
      ...proposal,
      tokens,
      qIds: proposal.qIds.subarray(0, end),
      qProbabilities: proposal.qProbabilities.subarray(0, end),
      qOffsets: proposal.qOffsets.subarray(0, last + 1),
    };
  });
}

export function declaresSampledAsDeterministic(model: ToyModel, sampling: SamplingParams): Proposer {
  return changed(toyProposer(model, sampling), ({ tokens }) => deterministicProposal(tokens));
}

export function declaresArgmaxAsSampled(model: ToyModel, sampling: SamplingParams): Proposer {
  const argmaxDraft = toyProposer(model, { ...sampling, draftMode: 'deterministic' });
  return changed(argmaxDraft, ({ tokens }, committed) => {
    const contexts = Array.from(tokens, (_, i) => [...committed.slice(-2), ...tokens.subarray(0, i)]);
    const rows = contexts.map((context) =>
      draftDistribution(model.rows[rowIndex(model, context)]!, sampling),
    );
    return sampledProposal(tokens, rows);
  });
}

/** Draws from the full q, sends its top 2. */
export function sendsTruncated(model: ToyModel, sampling: SamplingParams): Proposer {
  const sent = (logits: Float32Array) => draftDistribution(logits, sampling, undefined, 2);
  return sendsOther(model, sampling, sent);
}

/** Weakens the drawn token in the row itself, as if to draw without replacement, before the row is sent. */
export function changesDrawnRow(model: ToyModel, sampling: SamplingParams): Proposer {
  return sendsOther(model, sampling, (_logits, law, token) => {
    law.weights[law.ids!.indexOf(token)]! /= 2;
    return law;
  });
}

type Law = ReturnType<typeof draftDistribution>;

/** Draws from q, sends something else. */
function sendsOther(
  model: ToyModel,
  sampling: SamplingParams,
  sentFor: (logits: Float32Array, law: Law, token: number) => Law,
): Proposer {
  return {
    async propose(sequence, plan) {
      const random = keyedRandom(sequence.sampling.seed, sequence.tokens.length);
      const sent: Law[] = [];
      const history = new History(sequence.tokens, 0);
      const drafted = draft(model, history, plan, (index) => {
        const logits = model.rows[index]!;
        const law = draftDistribution(logits, sampling);
        const token = sampleFrom(law, random(history.length, Purpose.DRAFT));
        sent.push(sentFor(logits, law, token));
        return token;
      });
      return { proposal: sampledProposal(drafted, sent.map(normalised)), computeMs: 0 };
    },
  };
}

function normalised({ ids, weights }: Law): Law {
  let mass = 0;
  for (const weight of weights) mass += weight;
  return { ids, weights: weights.map((weight) => weight / mass), mass: 1 };
}

/** Draws under the noise that is meant for the target too, and sends q all the same. */
export function sendsCoupled(model: ToyModel, sampling: SamplingParams): Proposer {
  return {
    async propose({ tokens, sampling: { seed } }, plan) {
      const random = keyedRandom(seed, tokens.length);
      const sent: Law[] = [];
      const history = new History(tokens, 0);
      const drafted = draft(model, history, plan, (index) => {
        const law = draftDistribution(model.rows[index]!, { ...sampling, verification: 'ratio' });
        sent.push(law);
        return drawDraft(law, { seed, verification: 'coupled' }, history.length, random);
      });
      return { proposal: sampledProposal(drafted, sent), computeMs: 0 };
    },
  };
}
