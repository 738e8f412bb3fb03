// Which graph a draft's engine runs: the stand-alone one, or that which reads its target's features (docs/decisions/0023).
import { dirname, join } from 'node:path';
import { AppError } from '#libs/errors/index.js';
import type { ModelOptions } from './model-options.js';

/** @throws AppError failed_precondition if the folder has no such graph. */
export function featureDraftOptions(options: ModelOptions): ModelOptions {
  const { featureDraft, hiddenSize, graphPath } = options;
  if (!featureDraft || hiddenSize === undefined)
    throw new AppError(
      'failed_precondition',
      `${dirname(graphPath)} has no graph that reads a target's features; build it from a checkpoint with a feature_draft.`,
    );
  const { file, numLayers, layers, width, batch } = featureDraft;
  const reads = { layers, width };
  return { ...options, graphPath: join(dirname(graphPath), file), numLayers, reads, batch };
}
