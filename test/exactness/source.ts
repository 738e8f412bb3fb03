// A source of drafts as the matrix of sources and verification modes sees it.
import type { SamplingParams, VerificationMode } from '#libs/sampling/index.js';
import type { DecodePorts, Verifier } from '#libs/speculative/index.js';
import type { ToyModel } from './toy-models.js';

export interface Toy {
  readonly target: ToyModel;
  readonly sampling: SamplingParams;
  readonly verifierOf: (model: ToyModel) => Verifier;
}

export type SourcePorts = Pick<DecodePorts, 'proposer'> & Partial<DecodePorts>;

export interface ToySource {
  /** Called once a simulation, so that generations can learn from one another. @returns Fresh ports for each of them. */
  readonly open: (toy: Toy) => () => SourcePorts;
  /** Some of its drafts fail on purpose. */
  readonly mayFail?: true;
  /** Mistakes of this source alone. */
  readonly mistakes?: Readonly<Record<string, SourceMistake>>;
}

export interface SourceMistake {
  readonly open: ToySource['open'];
  /** Modes that it breaks; in the others the law is kept in spite of it. */
  readonly breaks: readonly VerificationMode[];
}
