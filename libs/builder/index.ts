export { type BuildOptions, buildModel } from './build-model.js';
export type { Checkpoint, CheckpointConfig, TokenizerFiles } from './checkpoint.js';
export { float16ToNumber } from './float16.js';
export type { Quantisation } from './forms.js';
export type { InputMaxima } from './smoothing.js';
