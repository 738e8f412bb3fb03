// Proposal ↔ wire. Shapes are checked here; whether the probabilities make sense is libs/sampling's question.
import type { Proposal } from '#libs/sampling/index.js';
import type {
  Proposal__Output as WireProposal,
  Proposal as WireProposalInput,
} from '../generated/outrider/v1/Proposal.js';
import { MAX_DRAFT_TOKENS, MAX_Q_ROW_LENGTH } from '../limits.js';
import { atMost, inRange, invalid, nonNegative } from './check.js';
import { pack, packedLength, unpackFloat32, unpackUint32 } from './packed.js';

const EMPTY_IDS = new Uint32Array(0);
const EMPTY_PROBABILITIES = new Float32Array(0);

export interface ProposalMessage {
  readonly proposal: Proposal;
  readonly computeMs: number;
  readonly confidences?: ArrayLike<number>;
  /** Drawn before they were asked for. */
  readonly draftedAhead?: number;
}

export function proposalToWire({
  proposal,
  computeMs,
  confidences = [],
  draftedAhead = 0,
}: ProposalMessage): WireProposalInput {
  const sampled = proposal.mode === 'sampled';
  const { qOffsets } = proposal;
  const qRowLengths: number[] = [];
  if (sampled) for (let i = 1; i < qOffsets.length; i++) qRowLengths.push(qOffsets[i]! - qOffsets[i - 1]!);
  return {
    mode: sampled ? 'PROPOSAL_MODE_SAMPLED' : 'PROPOSAL_MODE_DETERMINISTIC',
    tokens: Array.from(proposal.tokens),
    qIds: pack(proposal.qIds),
    qProbabilities: pack(proposal.qProbabilities),
    qRowLengths,
    computeMs,
    confidences: Array.from(confidences),
    draftedAhead,
  };
}

/** @param maxTokens what the request asked for; more drafted tokens than that are an error. */
export function proposalFromWire(wire: WireProposal, maxTokens: number): ProposalMessage {
  atMost(wire.tokens, Math.min(maxTokens, MAX_DRAFT_TOKENS), 'proposal.tokens');
  const computeMs = nonNegative(wire.computeMs, 'proposal.compute_ms');
  const advice = {
    ...(wire.confidences.length > 0 && { confidences: confidencesOf(wire) }),
    ...(wire.draftedAhead > 0 && {
      draftedAhead: inRange(wire.draftedAhead, 0, wire.tokens.length, 'proposal.drafted_ahead'),
    }),
  };
  const numIds = packedLength(wire.qIds, 'proposal.q_ids');
  const numProbabilities = packedLength(wire.qProbabilities, 'proposal.q_probabilities');
  const tokens = Uint32Array.from(wire.tokens);
  switch (wire.mode) {
    case 'PROPOSAL_MODE_DETERMINISTIC':
      if (numIds + numProbabilities + wire.qRowLengths.length > 0)
        throw invalid('proposal.q_ids', 'must be empty for a deterministic proposal: its q is one-hot.');
      return {
        proposal: {
          mode: 'deterministic',
          tokens,
          qIds: EMPTY_IDS,
          qProbabilities: EMPTY_PROBABILITIES,
          qOffsets: EMPTY_IDS,
        },
        computeMs,
        ...advice,
      };
    case 'PROPOSAL_MODE_SAMPLED': {
      const qOffsets = rowOffsets(wire.qRowLengths, wire.tokens.length);
      const total = qOffsets[qOffsets.length - 1]!;
      if (numIds !== total) throw invalid('proposal.q_ids', `holds ${numIds} ids; the rows need ${total}.`);
      if (numProbabilities !== total)
        throw invalid(
          'proposal.q_probabilities',
          `holds ${numProbabilities} values; the rows need ${total}.`,
        );
      const qIds = unpackUint32(wire.qIds);
      const qProbabilities = unpackFloat32(wire.qProbabilities);
      return { proposal: { mode: 'sampled', tokens, qIds, qProbabilities, qOffsets }, computeMs, ...advice };
    }
    default:
      throw invalid('proposal.mode', `is ${wire.mode}; it must be SAMPLED or DETERMINISTIC.`);
  }
}

function confidencesOf({ confidences, tokens }: WireProposal): readonly number[] {
  const field = 'proposal.confidences';
  if (confidences.length !== tokens.length)
    throw invalid(field, `holds ${confidences.length} values for ${tokens.length} tokens.`);
  const wrong = confidences.find((confidence) => !(confidence >= 0 && confidence <= 1));
  if (wrong !== undefined) throw invalid(field, `holds ${wrong}, which is no probability.`);
  return confidences;
}

function rowOffsets(lengths: readonly number[], numTokens: number): Uint32Array {
  const field = 'proposal.q_row_lengths';
  if (lengths.length !== numTokens)
    throw invalid(field, `has ${lengths.length} rows for ${numTokens} tokens; one row a token is needed.`);
  const offsets = new Uint32Array(numTokens + 1);
  for (let i = 0; i < numTokens; i++) {
    const length = lengths[i]!;
    if (length < 1 || length > MAX_Q_ROW_LENGTH)
      throw invalid(field, `has a row of ${length} entries; 1 to ${MAX_Q_ROW_LENGTH} are allowed.`);
    offsets[i + 1] = offsets[i]! + length;
  }
  return offsets;
}
