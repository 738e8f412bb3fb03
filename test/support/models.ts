// The real model pair for tests: from the cache, else pulled once as a user's first start does.

import type { Quantisation } from '#libs/builder/index.js';
import { defaultHome } from '#libs/models/index.js';
import { ensureModels, type ModelFolders } from '../../cli/models.js';

/** @param quantisation How the target's weights are stored, if not as the catalog says. */
export function realModels(quantisation?: Quantisation): Promise<ModelFolders> {
  const home = defaultHome(process.env, process.platform);
  const settings = { home, model: 'smollm2-135m-instruct', quantisation, out: process.stderr };
  return ensureModels(settings, AbortSignal.timeout(600_000));
}
