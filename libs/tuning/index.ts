export { readSkipSet, SKIP_FILE, type SkipSet, skipMask, skippedLayers, writeSkipSet } from './skip-set.js';
