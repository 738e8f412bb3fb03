// The thread of one simulation: gets its name, posts its result. An error ends the thread and rejects the caller.
import { parentPort, workerData } from 'node:worker_threads';
import { simulationOfCase } from './cases.js';
import { controlOf } from './controls.js';
import { penaltyControlOf } from './penalty-controls.js';
import { simulate } from './simulate.js';
import { simulationOfSource } from './sources.js';
import type { SimulationName } from './thread.js';

const SUITES = {
  cases: simulationOfCase,
  controls: controlOf,
  'penalty-controls': penaltyControlOf,
  sources: simulationOfSource,
};
const { suite, name, verification } = workerData as SimulationName;
parentPort!.postMessage(await simulate(SUITES[suite](name, verification)));
