// `outrider tune layer-skip`: searches for the sub-layers that the model can do without when it drafts for itself, keeps the
// best set beside the model, and says whether it is worth using (Draft & Verify, arXiv 2309.08168, §4.3).
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '#libs/errors/index.js';
import { type ModelFolder, openModelFolder } from '#libs/models/index.js';
import {
  predict,
  type SkipSet,
  Study,
  type StudySubject,
  type StudyTrial,
  seededRandom,
  skipMask,
  skippedLayers,
  studyPlot,
  suggest,
  writeSkipSet,
} from '#libs/tuning/index.js';
import { type ProgressStream, stepDisplay } from '../progress-display.js';
import { LayerSkipBench } from './layer-skip-bench.js';
import { layerSkipReport } from './layer-skip-report.js';

export interface LayerSkipTuning {
  readonly folder: string;
  readonly prompts: readonly string[];
  /** Of the study altogether. */
  readonly numTrials: number;
  readonly objective: StudySubject['objective'];
  /** Default: beside the model. */
  readonly study: string | undefined;
  readonly out: ProgressStream;
}

const DEFAULT_STUDY = 'layer-skip-study.jsonl';
/** Less is noise. */
const WORTHWHILE = 1.02;

/** @returns What it left beside the model. */
export async function tuneLayerSkip(tuning: LayerSkipTuning, signal: AbortSignal): Promise<SkipSet> {
  const { folder, prompts, out } = tuning;
  const model = await openModelFolder(folder);
  if (!model.manifest.layerSkip)
    throw new AppError(
      'failed_precondition',
      `${model.manifest.name} was built without layer skipping, as drafts are; tune a model that was built as a target.`,
    );
  const path = tuning.study ?? join(folder, DEFAULT_STUDY);
  const study = await Study.open(path, subjectOf(model, tuning));
  let bench: LayerSkipBench | undefined;
  try {
    out.write(`Reading ${prompts.length} prompts …\n`);
    bench = await LayerSkipBench.open(model, prompts, signal);
    await search(study, bench, model, tuning, signal);
    const best = study.trials.reduce((a, b) => (b.value > a.value ? b : a));
    const set = await skipSetOf(best, study.trials.length, bench, model, signal);
    const skipFile = await writeSkipSet(folder, set);
    const plotFile = `${path.replace(/\.[^./]*$/, '')}.svg`;
    await writeFile(plotFile, studyPlot(study.trials, `Layers skipped of ${model.manifest.name}`));
    out.write(layerSkipReport(set, { skipFile, studyFile: path, plotFile }));
    return set;
  } finally {
    await study.close();
    await bench?.close();
  }
}

function subjectOf({ manifest }: ModelFolder, { prompts, objective }: LayerSkipTuning): StudySubject {
  const sha256 = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('hex');
  return {
    study: 'layer-skip',
    format: 1,
    model: manifest.name,
    graph: sha256(manifest.files),
    prompts: sha256(prompts),
    objective,
    numLayers: manifest.numLayers,
  };
}

async function search(
  study: Study,
  bench: LayerSkipBench,
  { manifest: { numLayers } }: ModelFolder,
  { numTrials, objective, out }: LayerSkipTuning,
  signal: AbortSignal,
): Promise<void> {
  const display = stepDisplay(out);
  const verifyCosts = await bench.verifyCosts(signal);
  // The first and the last layers start unskipped: drafts rarely survive without them.
  const ends = numLayers > 3 ? [0, 1, 2 * numLayers - 2, 2 * numLayers - 1] : [];
  try {
    while (study.trials.length < numTrials) {
      const tried = study.trials.map((trial) => ({
        bits: skipMask({ ...trial, numLayers }),
        value: trial.value,
      }));
      const mask = suggest(2 * numLayers, tried, {
        random: seededRandom(tried.length),
        startsAtZero: new Set(ends),
        startupTrials: Math.max(1, Math.min(10, Math.floor(numTrials / 3))),
      });
      const acceptance = await bench.acceptance(mask, signal);
      const cost = await bench.cost(mask, signal);
      const { gamma, speedUp, breakEvenCost } = predict({ acceptance, cost, verifyCosts });
      const value = objective === 'goodput' ? speedUp : await bench.speedUp(mask, gamma, signal);
      const { attention, mlp } = skippedLayers(mask);
      await study.add({ attention, mlp, value, acceptance, cost, gamma, breakEvenCost });
      const best = Math.max(...study.trials.map((trial) => trial.value));
      const done = study.trials.length;
      display.onStep({
        name: 'Searching',
        done,
        total: numTrials,
        amount: `${done} of ${numTrials} trials, best ${best.toFixed(3)}×`,
      });
    }
  } finally {
    display.stop();
  }
}

/** Measures the best set once more, with the luck of the search taken out, and in real rounds. */
async function skipSetOf(
  { attention, mlp, acceptance }: StudyTrial,
  trials: number,
  bench: LayerSkipBench,
  { manifest: { name, numLayers } }: ModelFolder,
  signal: AbortSignal,
): Promise<SkipSet> {
  const mask = skipMask({ attention, mlp, numLayers });
  const cost = await bench.cost(mask, signal);
  const { gamma, speedUp, breakEvenCost } = predict({
    acceptance,
    cost,
    verifyCosts: await bench.verifyCosts(signal),
  });
  const measuredSpeedUp = await bench.speedUp(mask, gamma, signal);
  return {
    format: 1,
    model: name,
    numLayers,
    attention,
    mlp,
    isWorthwhile: measuredSpeedUp >= WORTHWHILE,
    measured: { acceptance, cost, breakEvenCost, gamma, predictedSpeedUp: speedUp, measuredSpeedUp, trials },
  };
}
