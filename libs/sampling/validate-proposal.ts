// The draft may lie. Says what is wrong with a proposal before any of it is used; the round loop then goes on without.
// It cannot tell whether the tokens really were drawn from the q they come with.
import type { Proposal } from './proposal.js';

export interface ProposalLimits {
  readonly vocabSize: number;
  /** Tokens that were asked for. */
  readonly maxTokens: number;
}

/** How far a row's float32 probabilities may sum from 1. */
const SUM_TOLERANCE = 1e-3;

/** Undefined if the proposal may be verified, else the reason why not. */
export function validateProposal(proposal: Proposal, limits: ProposalLimits): string | undefined {
  const { mode, tokens } = proposal;
  if (tokens.length > limits.maxTokens)
    return `${tokens.length} tokens drafted, ${limits.maxTokens} asked for`;
  for (let i = 0; i < tokens.length; i++)
    if (!(tokens[i]! < limits.vocabSize))
      return `token ${i} is ${tokens[i]}, outside the vocabulary of ${limits.vocabSize}`;
  if (mode !== 'sampled' && mode !== 'deterministic') return `unknown mode ${String(mode)}`;
  const layout = validateLayout(proposal);
  if (layout !== undefined || mode === 'deterministic') return layout;
  for (let i = 0; i < tokens.length; i++) {
    const reason = validateRow(proposal, i, limits.vocabSize);
    if (reason !== undefined) return `q row ${i}: ${reason}`;
  }
  return undefined;
}

function validateLayout({ mode, tokens, qIds, qProbabilities, qOffsets }: Proposal): string | undefined {
  if (qIds.length !== qProbabilities.length)
    return `${qIds.length} q ids but ${qProbabilities.length} q probabilities`;
  if (mode === 'deterministic' || (tokens.length === 0 && qOffsets.length === 0)) {
    if (qIds.length === 0 && qOffsets.length === 0) return undefined;
    return `a ${mode} proposal of ${tokens.length} tokens carries q rows`;
  }
  if (qOffsets.length !== tokens.length + 1)
    return `${qOffsets.length} q offsets for ${tokens.length} tokens, expected ${tokens.length + 1}`;
  if (qOffsets[0] !== 0 || qOffsets[tokens.length] !== qIds.length)
    return `q offsets do not cover the ${qIds.length} q entries`;
  for (let i = 0; i < tokens.length; i++)
    if (qOffsets[i]! > qOffsets[i + 1]!) return `q offsets decrease after row ${i}`;
  return undefined;
}

function validateRow(
  { tokens, qIds, qProbabilities, qOffsets }: Proposal,
  row: number,
  vocabSize: number,
): string | undefined {
  let sum = 0;
  let previous = -1;
  let drawn = 0;
  for (let i = qOffsets[row]!; i < qOffsets[row + 1]!; i++) {
    const id = qIds[i]!;
    const probability = qProbabilities[i]!;
    if (!(id < vocabSize)) return `id ${id} lies outside the vocabulary of ${vocabSize}`;
    if (id <= previous) return `id ${id} after ${previous}; ids must be strictly ascending`;
    if (!(probability >= 0)) return `probability of id ${id} is ${probability}`;
    if (id === tokens[row]) drawn = probability;
    sum += probability;
    previous = id;
  }
  if (!(Math.abs(sum - 1) <= SUM_TOLERANCE)) return `probabilities sum to ${sum}`;
  if (drawn === 0) return `drafted token ${tokens[row]} has probability 0 in its own row`;
  return undefined;
}
