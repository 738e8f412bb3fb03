export { type BuildOptions, buildModel, type Quantisation } from './build-model.js';
export type { Checkpoint, CheckpointConfig, TokenizerFiles } from './checkpoint.js';
