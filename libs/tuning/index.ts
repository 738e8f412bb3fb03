export { seededRandom } from './seeded-random.js';
export { readSkipSet, SKIP_FILE, type SkipSet, skipMask, skippedLayers, writeSkipSet } from './skip-set.js';
export { type DraftCosts, type Prediction, predict } from './speed-up.js';
export { Study, type StudySubject, type StudyTrial } from './study.js';
export { studyPlot } from './study-plot.js';
export { suggest, type TpeOptions, type Trial } from './tpe.js';
