// The study of layers to skip: what it is about, and what each trial found.
import { z } from 'zod';
import type { StudyForm } from './study.js';
import { type Panel, valuesPanel } from './study-plot.js';

/** What a value is: predicted from acceptance and costs, or measured in real rounds. */
export type StudyObjective = 'goodput' | 'speed';

// A type, since an interface has no index signature.
export type LayerSkipSubject = {
  readonly study: 'layer-skip';
  readonly format: 1;
  readonly model: string;
  /** SHA-256 of the model's graph. */
  readonly graph: string;
  /** SHA-256 of the prompts. */
  readonly prompts: string;
  readonly objective: StudyObjective;
  readonly numLayers: number;
};

const trialSchema = z.object({
  attention: z.array(z.int().nonnegative()),
  mlp: z.array(z.int().nonnegative()),
  /** Of the objective; the larger the better. */
  value: z.number(),
  acceptance: z.number().min(0).max(1),
  cost: z.number().nonnegative(),
  gamma: z.int().positive(),
  breakEvenCost: z.number(),
});

export type LayerSkipTrial = z.infer<typeof trialSchema>;

export const LAYER_SKIP_STUDY: StudyForm<LayerSkipSubject, LayerSkipTrial> = {
  entry: trialSchema,
  fault: ({ attention, mlp }, { numLayers }) =>
    Math.max(-1, ...attention, ...mlp) < numLayers
      ? undefined
      : `a layer is named that the model's ${numLayers} layers don't have`,
};

export function layerSkipPanels(trials: readonly LayerSkipTrial[]): Panel[] {
  return [
    valuesPanel(trials.map(({ value }) => value)),
    {
      title: 'Acceptance',
      xLabel: 'sub-layers skipped',
      points: trials.map(({ attention, mlp, acceptance }) => ({
        x: attention.length + mlp.length,
        y: acceptance,
      })),
    },
  ];
}
