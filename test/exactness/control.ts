// A plausible mistake: the product's own parts but for one, and the simulation that must catch it.
import {
  keyedRandom as keyedByRound,
  type keyedRandom,
  type SamplingParams,
  type VerificationMode,
  type VerificationRule,
} from '#libs/sampling/index.js';
import { ConstantGamma, type GammaController, type Proposer } from '#libs/speculative/index.js';
import * as cast from './cast.js';
import type { Simulation } from './simulate.js';
import type { ToyModel } from './toy-models.js';
import { toyProposer, toyVerifier } from './toy-ports.js';

const NUM_SEQUENCES = 20_000;

export interface Control {
  readonly rule?: VerificationRule;
  readonly proposer?: (model: ToyModel, sampling: SamplingParams) => Proposer;
  readonly gamma?: () => GammaController;
  readonly keyed?: typeof keyedRandom;
  readonly params?: Partial<SamplingParams>;
  readonly stopTokenIds?: ReadonlySet<number>;
  /** What the round loop takes for the stop tokens; by default what they are. */
  readonly loopStopTokenIds?: ReadonlySet<number>;
  /** Of the drafts, whose logits are the target's and noise this wide; by default 4. */
  readonly draftNoise?: number;
  /** For a mistake of small effect. */
  readonly numSequences?: number;
  /** Not a mistake after all: must pass. */
  readonly isExact?: true;
}

export function simulationOfControl(control: Control, verification: VerificationMode): Simulation {
  const target = cast.randomTarget(4, 10);
  const model = cast.closeDraft(target, 2, control.draftNoise ?? 4);
  const keyed = control.keyed ?? keyedByRound;
  const params = { ...cast.PLAIN, verification, ...control.params };
  const sampling = { ...params, seed: 0n };
  const verifier = toyVerifier(target, sampling, { ...(control.rule && { rule: control.rule }), keyed });
  const proposer = control.proposer?.(model, sampling) ?? toyProposer(model, sampling, { keyed });
  return {
    target,
    params,
    length: 4,
    slack: 9,
    ...(control.stopTokenIds && { stopTokenIds: control.stopTokenIds }),
    ...(control.loopStopTokenIds && { loopStopTokenIds: control.loopStopTokenIds }),
    ports: () => ({ verifier, proposer, gamma: control.gamma?.() ?? new ConstantGamma(4) }),
    numSequences: control.numSequences ?? NUM_SEQUENCES,
  };
}
