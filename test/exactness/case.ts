// What a case may vary, and the simulation it stands for.
import type { SamplingParams, VerificationMode } from '#libs/sampling/index.js';
import {
  ConstantGamma,
  type DecodePorts,
  type GammaController,
  type Proposer,
} from '#libs/speculative/index.js';
import * as cast from './cast.js';
import { PROMPT, type Simulation } from './simulate.js';
import type { ToyModel } from './toy-models.js';
import { toyProposer, toyVerifier } from './toy-ports.js';

/** Times all cases nearly three million draws a mode. */
const NUM_SEQUENCES = 20_000;

export interface Case {
  readonly draft?: (target: ToyModel) => ToyModel;
  readonly params?: Partial<Simulation['params']>;
  readonly vocabSize?: number;
  readonly length?: number;
  readonly slack?: number;
  readonly gamma?: () => GammaController;
  readonly maxSupport?: number;
  /** Who drafts; by default toyProposer. */
  readonly proposer?: (model: ToyModel, sampling: SamplingParams) => Proposer;
  readonly wrap?: (proposer: Proposer) => Proposer;
  /** Both ports at once, fresh for each sequence. */
  readonly drafting?: (draft: Proposer) => Pick<DecodePorts, 'proposer' | 'gamma'>;
  readonly now?: () => number;
  readonly numSequences?: number;
  readonly stopTokenIds?: ReadonlySet<number>;
}

const close = (target: ToyModel) => cast.closeDraft(target, 2);

/** @param seed Of the case's own target. */
export function simulationOf(each: Case, seed: number, verification: VerificationMode): Simulation {
  const target = cast.randomTarget(each.vocabSize ?? 4, seed);
  const params = { ...cast.PLAIN, verification, ...each.params };
  const sampling = { ...params, seed: 0n };
  const promptLength = PROMPT.length;
  const model = (each.draft ?? close)(target);
  const drafting =
    each.proposer?.(model, sampling) ?? toyProposer(model, sampling, { ...each, promptLength });
  const proposer = each.wrap?.(drafting) ?? drafting;
  const verifier = toyVerifier(target, sampling, { promptLength });
  const gamma = each.gamma ?? (() => new ConstantGamma(4));
  const now = each.now ?? (() => 0);
  return {
    target,
    params,
    length: each.length ?? 4,
    slack: each.slack ?? 9,
    stopTokenIds: each.stopTokenIds ?? new Set(),
    ports: () => ({ verifier, proposer, gamma: gamma(), now, ...each.drafting?.(drafting) }),
    numSequences: each.numSequences ?? NUM_SEQUENCES,
  };
}
