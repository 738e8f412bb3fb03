export { FairQueue, type FairQueueOptions } from './fair-queue.js';
export type { Budget, Claim, Job, Share } from './job.js';
