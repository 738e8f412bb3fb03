// The trials of a study: what to skip next is suggested by those before, measured, and written down.
import {
  type LayerSkipTrial,
  predict,
  type Study,
  type StudyObjective,
  seededRandom,
  skipMask,
  skippedLayers,
  suggest,
} from '#libs/tuning/index.js';
import { type ProgressStream, stepDisplay } from '../progress-display.js';
import type { LayerSkipBench } from './layer-skip-bench.js';
import { skipCostLaw } from './skip-cost-law.js';

export interface SearchOptions {
  /** Of the study altogether. */
  readonly numTrials: number;
  readonly numLayers: number;
  readonly objective: StudyObjective;
  readonly out: ProgressStream;
}

/** Every trial is on the disk before the next begins. */
export async function search(
  study: Study<LayerSkipTrial>,
  bench: LayerSkipBench,
  { numTrials, numLayers, objective, out }: SearchOptions,
  signal: AbortSignal,
): Promise<void> {
  const display = stepDisplay(out);
  const verifyCosts = await bench.verifyCosts(signal);
  const costOf = await skipCostLaw(bench, numLayers, signal);
  try {
    while (study.entries.length < numTrials) {
      const mask = nextMask(study.entries, numLayers, numTrials);
      const acceptance = await bench.acceptance(mask, signal);
      const { attention, mlp } = skippedLayers(mask);
      const cost = costOf(attention.length, mlp.length);
      const { gamma, speedUp, breakEvenCost } = predict({ acceptance, cost, verifyCosts });
      const value = objective === 'goodput' ? speedUp : await bench.speedUp(mask, gamma, signal);
      await study.add({ attention, mlp, value, acceptance, cost, gamma, breakEvenCost });
      const done = study.entries.length;
      const best = Math.max(...study.entries.map((trial) => trial.value)).toFixed(3);
      const amount = `${done} of ${numTrials} trials, best ${best}×`;
      display.onStep({ name: 'Searching', done, total: numTrials, amount });
    }
  } finally {
    display.stop();
  }
}

/** A resumed study goes on as it would have: the trial's number is the seed. */
function nextMask(trials: readonly LayerSkipTrial[], numLayers: number, numTrials: number): Uint8Array {
  const tried = trials.map((trial) => ({ bits: skipMask({ ...trial, numLayers }), value: trial.value }));
  // The first and the last layers start unskipped: drafts rarely survive without them.
  const ends = numLayers > 3 ? [0, 1, 2 * numLayers - 2, 2 * numLayers - 1] : [];
  return suggest(2 * numLayers, tried, {
    random: seededRandom(tried.length),
    startsAtZero: new Set(ends),
    // Skipping nothing is no draft: always right, and as dear as what it should spare.
    excluded: [new Uint8Array(2 * numLayers)],
    startupTrials: Math.max(1, Math.min(10, Math.floor(numTrials / 3))),
  });
}
