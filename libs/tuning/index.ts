export { GAMMA_FILE, type GammaPair, readGammaPairs, writeGammaPair } from './gamma-file.js';
export { gammaKey, LONGEST_DRAFT, suggestGamma } from './gamma-space.js';
export {
  GAMMA_STUDY,
  type GammaEntry,
  type GammaRecording,
  type GammaSubject,
  type GammaTrial,
  gammaPanels,
} from './gamma-study.js';
export {
  LAYER_SKIP_STUDY,
  type LayerSkipSubject,
  type LayerSkipTrial,
  layerSkipPanels,
  type StudyObjective,
} from './layer-skip-study.js';
export { seededRandom } from './seeded-random.js';
export { readSkipSet, SKIP_FILE, type SkipSet, skipMask, skippedLayers, writeSkipSet } from './skip-set.js';
export { type DraftCosts, type Prediction, predict } from './speed-up.js';
export { Study, type StudyForm } from './study.js';
export { studyPlot } from './study-plot.js';
export { suggest, type TpeOptions, type Trial } from './tpe.js';
export type { TunedGamma } from './tuned-gamma.js';
