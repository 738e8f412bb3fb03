// `outrider tune layer-skip`: searches for the sub-layers that the model can do without when it drafts for itself, keeps the
// best set beside the model, and says whether it is worth using (Draft & Verify, arXiv 2309.08168, §4.3).
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '#libs/errors/index.js';
import { canSkipLayers, type ModelFolder, openModelFolder } from '#libs/models/index.js';
import {
  LAYER_SKIP_STUDY,
  type LayerSkipSubject,
  type LayerSkipTrial,
  layerSkipPanels,
  predict,
  type SkipSet,
  Study,
  type StudyObjective,
  skipMask,
  studyPlot,
  writeSkipSet,
} from '#libs/tuning/index.js';
import type { ProgressStream } from '../progress-display.js';
import { LayerSkipBench } from './layer-skip-bench.js';
import { layerSkipReport } from './layer-skip-report.js';
import { search } from './layer-skip-search.js';
import { quantile } from './quantile.js';

export interface LayerSkipTuning {
  readonly folder: string;
  readonly prompts: readonly string[];
  /** Of the study altogether. */
  readonly numTrials: number;
  readonly objective: StudyObjective;
  /** Default: beside the model. */
  readonly study: string | undefined;
  readonly out: ProgressStream;
}

const DEFAULT_STUDY = 'layer-skip-study.jsonl';
/** Less is noise. Prediction and measurement must both reach it: on a busy machine either alone is luck now and then. */
const WORTHWHILE = 1.02;
const FINALISTS = 5;
const SPEED_REPEATS = 3;

/** @returns What it left beside the model. */
export async function tuneLayerSkip(tuning: LayerSkipTuning, signal: AbortSignal): Promise<SkipSet> {
  const { folder, prompts, out } = tuning;
  const model = await openModelFolder(folder);
  if (!canSkipLayers(model.manifest))
    throw new AppError(
      'failed_precondition',
      `${model.manifest.name} was built without layer skipping, as drafts are; tune a model that was built as a target.`,
    );
  const path = tuning.study ?? join(folder, DEFAULT_STUDY);
  const study = await Study.open(path, LAYER_SKIP_STUDY, subjectOf(model, tuning));
  let bench: LayerSkipBench | undefined;
  try {
    out.write(`Reading ${prompts.length} prompts …\n`);
    bench = await LayerSkipBench.open(model, prompts, signal);
    await search(study, bench, { ...tuning, numLayers: model.manifest.numLayers }, signal);
    const set = await skipSetOf(study.entries, bench, model, signal);
    const skipFile = await writeSkipSet(folder, set);
    const plotFile = `${path.replace(/\.[^./]*$/, '')}.svg`;
    await writeFile(
      plotFile,
      studyPlot(`Layers skipped of ${model.manifest.name}`, layerSkipPanels(study.entries)),
    );
    out.write(layerSkipReport(set, { skipFile, studyFile: path, plotFile }));
    return set;
  } finally {
    await study.close();
    await bench?.close();
  }
}

function subjectOf({ manifest }: ModelFolder, { prompts, objective }: LayerSkipTuning): LayerSkipSubject {
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

/** Measures the best trials once more, since the luckiest measurement wins a search, and the best of them in real rounds. */
async function skipSetOf(
  trials: readonly LayerSkipTrial[],
  bench: LayerSkipBench,
  { manifest: { name, numLayers } }: ModelFolder,
  signal: AbortSignal,
): Promise<SkipSet> {
  const verifyCosts = await bench.verifyCosts(signal);
  const finalists = [];
  for (const trial of [...trials].sort((a, b) => b.value - a.value).slice(0, FINALISTS)) {
    const cost = await bench.cost(skipMask({ ...trial, numLayers }), signal);
    finalists.push({ ...trial, cost, ...predict({ acceptance: trial.acceptance, cost, verifyCosts }) });
  }
  const best = finalists.reduce((a, b) => (b.speedUp > a.speedUp ? b : a));
  const { attention, mlp, acceptance, cost, gamma, breakEvenCost, speedUp } = best;
  const measured: number[] = [];
  while (measured.length < SPEED_REPEATS)
    measured.push(await bench.speedUp(skipMask({ attention, mlp, numLayers }), gamma, signal));
  const measuredSpeedUp = quantile(measured, 0.5);
  return {
    format: 1,
    model: name,
    numLayers,
    attention,
    mlp,
    isWorthwhile: Math.min(speedUp, measuredSpeedUp) >= WORTHWHILE,
    measured: {
      acceptance,
      cost,
      breakEvenCost,
      gamma,
      predictedSpeedUp: speedUp,
      measuredSpeedUp,
      trials: trials.length,
    },
  };
}
