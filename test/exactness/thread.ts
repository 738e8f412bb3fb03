// Runs a simulation in a thread of its own: node:test follows every promise of the thread it runs in, which would more
// than double the time of a million generations.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { VerificationMode } from '#libs/sampling/index.js';
import type { SimulationResult } from './simulate.js';

export interface SimulationName {
  readonly suite: 'cases' | 'controls' | 'penalty-controls' | 'sources';
  readonly name: string;
  readonly verification: VerificationMode;
}

export async function simulateInThread(workerData: SimulationName): Promise<SimulationResult> {
  const worker = new Worker(new URL('./simulation.worker.js', import.meta.url), { workerData });
  const [result] = await once(worker, 'message');
  return result;
}
