// The real model pair for tests: from the cache, else pulled once as a user's first start does.

import { defaultHome } from '#libs/models/index.js';
import { ensureModels, type ModelFolders } from '../../cli/models.js';

export function realModels(): Promise<ModelFolders> {
  return ensureModels(
    { home: defaultHome(process.env, process.platform), model: 'smollm2-135m-instruct', out: process.stderr },
    AbortSignal.timeout(600_000),
  );
}
