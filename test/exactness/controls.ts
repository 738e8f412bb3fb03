// Plausible mistakes. Each breaks one rule of the product around its real code, and must be caught by the same test
// that the product passes.
import {
  deterministicProposal,
  draftDistribution,
  History,
  keyedRandom as keyedByRound,
  type keyedRandom,
  type Proposal,
  Purpose,
  rawProbability,
  sampledProposal,
  sampleFrom,
  type VerificationRule,
  verifyProposal,
} from '#libs/sampling/index.js';
import { ConstantGamma, type GammaController, type Proposer } from '#libs/speculative/index.js';
import * as cast from './cast.js';
import type { Simulation } from './simulate.js';
import { rowIndex, type ToyModel } from './toy-models.js';
import { draft, toyProposer, toyVerifier } from './toy-ports.js';

const NUM_SEQUENCES = 40_000;
const SAMPLING = { ...cast.PLAIN, seed: 0n };

interface Control {
  readonly rule?: VerificationRule;
  readonly proposer?: (model: ToyModel) => Proposer;
  readonly gamma?: () => GammaController;
  readonly keyed?: typeof keyedRandom;
  /** Not a mistake after all: must pass. */
  readonly isExact?: true;
}

export const CONTROLS: Record<string, Control> = {
  'resampling from p instead of the residual': {
    rule: (input) => {
      const verdict = verifyProposal(input);
      const { acceptedCount } = verdict;
      if (acceptedCount === input.proposal.tokens.length) return verdict;
      const u = input.random(input.firstPosition + acceptedCount, Purpose.RESAMPLE);
      return { acceptedCount, finalToken: sampleFrom(input.row(acceptedCount), u) };
    },
  },
  'one key for DRAFT and ACCEPT': {
    rule: (input) =>
      verifyProposal({
        ...input,
        random: (position, purpose) =>
          input.random(position, purpose === Purpose.ACCEPT ? Purpose.DRAFT : purpose),
      }),
  },
  'one key for ACCEPT and RESAMPLE': {
    rule: (input) =>
      verifyProposal({
        ...input,
        random: (position, purpose) =>
          input.random(position, purpose === Purpose.RESAMPLE ? Purpose.ACCEPT : purpose),
      }),
  },
  'dropping a doubtful token that was drawn': {
    proposer: dropsDoubtful,
    gamma: () => new ConstantGamma(5, 0.45),
  },
  'a deterministic draft declared as sampled': { proposer: declaresArgmaxAsSampled },
  'drawing from the full q, sending its top 2': { proposer: sendsTruncated },
  'keys that a redrafted position meets again': {
    keyed: (seed) => keyedByRound(seed, 0),
    gamma: () => new cast.CuriousGamma(),
  },
  'a sampled draft declared as deterministic': { proposer: declaresSampledAsDeterministic, isExact: true },
};

export function controlOf(name: string): Simulation {
  const control = CONTROLS[name]!;
  const target = cast.randomTarget(4, 10);
  const model = cast.closeDraft(target, 2, 4);
  const keyed = control.keyed ?? keyedByRound;
  const verifier = toyVerifier(target, SAMPLING, { ...(control.rule && { rule: control.rule }), keyed });
  const proposer = control.proposer?.(model) ?? toyProposer(model, SAMPLING, { keyed });
  return {
    target,
    params: cast.PLAIN,
    length: 4,
    slack: 9,
    ports: () => ({ verifier, proposer, gamma: control.gamma?.() ?? new ConstantGamma(4) }),
    numSequences: NUM_SEQUENCES,
  };
}

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

function dropsDoubtful(model: ToyModel): Proposer {
  return changed(toyProposer(model, SAMPLING), (proposal, committed, minConfidence) => {
    const last = proposal.tokens.length - 1;
    const context = [...committed.slice(-2), ...proposal.tokens.subarray(0, last)];
    const confidence = rawProbability(model.rows[rowIndex(model, context)]!, proposal.tokens[last]!);
    if (confidence >= minConfidence) return proposal;
    const end = proposal.qOffsets[last]!;
    return {
      ...proposal,
      tokens: proposal.tokens.subarray(0, last),
      qIds: proposal.qIds.subarray(0, end),
      qProbabilities: proposal.qProbabilities.subarray(0, end),
      qOffsets: proposal.qOffsets.subarray(0, last + 1),
    };
  });
}

function declaresSampledAsDeterministic(model: ToyModel): Proposer {
  return changed(toyProposer(model, SAMPLING), ({ tokens }) => deterministicProposal(tokens));
}

function declaresArgmaxAsSampled(model: ToyModel): Proposer {
  const argmaxDraft = toyProposer(model, { ...SAMPLING, draftMode: 'deterministic' });
  return changed(argmaxDraft, ({ tokens }, committed) => {
    const contexts = Array.from(tokens, (_, i) => [...committed.slice(-2), ...tokens.subarray(0, i)]);
    const rows = contexts.map((context) =>
      draftDistribution(model.rows[rowIndex(model, context)]!, SAMPLING),
    );
    return sampledProposal(tokens, rows);
  });
}

function sendsTruncated(model: ToyModel): Proposer {
  return {
    async propose({ tokens, sampling }, plan) {
      const random = keyedByRound(sampling.seed, tokens.length);
      const sent: ReturnType<typeof draftDistribution>[] = [];
      const history = new History(tokens, 0);
      const drafted = draft(model, history, plan, (index) => {
        const logits = model.rows[index]!;
        sent.push(draftDistribution(logits, SAMPLING, undefined, 2));
        return sampleFrom(draftDistribution(logits, SAMPLING), random(history.length, Purpose.DRAFT));
      });
      return { proposal: sampledProposal(drafted, sent), computeMs: 0 };
    },
  };
}
