// The situations in which the product must follow the target's law.
import type { VerificationMode } from '#libs/sampling/index.js';
import { ConstantGamma, HeuristicGamma, PromptLookup } from '#libs/speculative/index.js';
import { aheadCases } from './ahead-cases.js';
import { type Case, simulationOf } from './case.js';
import * as cast from './cast.js';
import { chainCase, controlledChainCase, goodputCase, suffixCase } from './drafting-cases.js';
import { PROCESSOR_CASES } from './processor-cases.js';
import type { Simulation } from './simulate.js';

export const CASES: Record<string, Case> = {
  'gamma 1, a close draft': { gamma: () => new ConstantGamma(1) },
  'gamma 2, a flat draft': { draft: cast.flatDraft, gamma: () => new ConstantGamma(2) },
  'gamma 3, a sharp draft': { draft: cast.sharpDraft, gamma: () => new ConstantGamma(3) },
  'gamma 4, a close draft, vocabulary of 6': { vocabSize: 6, length: 3, gamma: () => new ConstantGamma(4) },
  'gamma 6, a contrary draft': { draft: cast.contraryDraft, gamma: () => new ConstantGamma(6) },
  'gamma 8, a close draft, vocabulary of 3': { vocabSize: 3, length: 5, gamma: () => new ConstantGamma(8) },
  'gamma clipped by max_tokens': { slack: 0, gamma: () => new ConstantGamma(8) },
  'a draft truncated to two tokens': { maxSupport: 2 },
  'a draft truncated to one token': { maxSupport: 1 },
  'disjoint supports': { draft: cast.contraryDraft, params: { topK: 2 }, vocabSize: 5, maxSupport: 2 },
  'low temperature': { params: { temperature: 0.4 } },
  'high temperature and top-k': { params: { temperature: 1.8, topK: 3 } },
  'top-p': { params: { topP: 0.7 }, vocabSize: 6, length: 3 },
  'top-k and top-p at a temperature': { params: { temperature: 0.8, topK: 4, topP: 0.85 }, vocabSize: 8 },
  'a deterministic draft': { params: { draftMode: 'deterministic' } },
  'a deterministic draft, top-p': { params: { draftMode: 'deterministic', topP: 0.8 } },
  'the heuristic controller': { gamma: () => new HeuristicGamma({ start: 2, max: 6 }) },
  'stopping after a doubtful token': { gamma: () => new ConstantGamma(5, 0.45) },
  'a controller that sees thrown-away drafts': {
    draft: (target) => cast.closeDraft(target, 2, 4),
    gamma: () => new cast.CuriousGamma(),
  },
  'the goodput controller, taught by all sequences': goodputCase(),
  'prompt lookup': {
    drafting: () => ({ proposer: new PromptLookup([3, 1]), gamma: new ConstantGamma(3) }),
  },
  'a chain of prompt lookup and a draft': chainCase(),
  'a draft that fails in 40 % of the rounds': { wrap: (proposer) => cast.unreliable(proposer, 0.4) },
  'a stop token': { stopTokenIds: new Set([2]), length: 5 },
  'a stop token, failures, doubt and truncation together': {
    gamma: () => new HeuristicGamma({ minConfidence: 0.4 }),
    stopTokenIds: new Set([1]),
    params: { temperature: 0.9, topP: 0.9 },
    maxSupport: 3,
    wrap: (proposer) => cast.unreliable(proposer, 0.2),
  },
  ...PROCESSOR_CASES,
  ...aheadCases(),
  'past outputs': suffixCase(),
  'a chain of three with the heuristic controller': controlledChainCase(),
};

/** Each case has a target of its own, the same in every mode. */
export function simulationOfCase(name: string, verification: VerificationMode): Simulation {
  return simulationOf(CASES[name]!, 10 + Object.keys(CASES).indexOf(name), verification);
}
