// All controls, by the mode whose simulation must catch them.
import type { VerificationMode } from '#libs/sampling/index.js';
import { ConstantGamma } from '#libs/speculative/index.js';
import { AHEAD_CONTROLS } from './ahead-controls.js';
import { BLOCK_CONTROLS } from './block-controls.js';
import { type Control, simulationOfControl } from './control.js';
import { COUPLED_CONTROLS } from './coupled-controls.js';
import { declaresSampledAsDeterministic, dropsDoubtful } from './lying-drafts.js';
import { RATIO_CONTROLS } from './ratio-controls.js';
import { COIN_CONTROLS, LOOP_CONTROLS } from './shared-controls.js';
import type { Simulation } from './simulate.js';

export const CONTROLS: Record<VerificationMode, Record<string, Control>> = {
  ratio: {
    ...COIN_CONTROLS,
    ...RATIO_CONTROLS,
    ...AHEAD_CONTROLS,
    'a sampled draft declared as deterministic': { proposer: declaresSampledAsDeterministic, isExact: true },
  },
  block: { ...COIN_CONTROLS, ...BLOCK_CONTROLS },
  coupled: {
    ...LOOP_CONTROLS,
    ...COUPLED_CONTROLS,
    'dropping a doubtful token that was drawn': {
      proposer: dropsDoubtful,
      gamma: () => new ConstantGamma(5, 0.45),
      isExact: true,
    },
  },
};

export function controlOf(name: string, verification: VerificationMode): Simulation {
  return simulationOfControl(CONTROLS[verification][name]!, verification);
}
