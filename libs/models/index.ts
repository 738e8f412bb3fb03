export {
  type Catalog,
  type CatalogEntry,
  findEntry,
  loadCatalog,
  parseCatalog,
  type Source,
} from './catalog.js';
export type { CommandResult, CommandRunner } from './command.js';
export { type BuildModel, type EnsureModelOptions, ensureModel } from './ensure-model.js';
export { defaultHome } from './home.js';
export type { HttpTimeouts } from './http-get.js';
export { canSkipLayers, MANIFEST_FILE, type Manifest, manifestSchema } from './manifest.js';
export { type ModelFolder, type OpenOptions, openModelFolder } from './model-folder.js';
export type { ProgressListener, PullProgress } from './progress.js';
export { pullSource } from './pull-source.js';
export type { SourceSettings } from './source-pull.js';
