export { openDraftEngine } from './draft-engine.js';
export { DraftStream, type ProposeCall, type ProposeResult } from './draft-stream.js';
export { type DraftEngine, Drafting } from './drafting.js';
export { Head } from './head.js';
export { propose } from './propose.js';
export { StepQueue } from './step-queue.js';
