// `outrider tune gamma`: finds how much a draft should draft for a target on a user's prompts, keeps it beside the target,
// and says whether drafting is worth it at all.
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ModelFolder, openModelFolder } from '#libs/models/index.js';
import { GammaLessons, type GammaSetting } from '#libs/speculative/index.js';
import {
  GAMMA_STUDY,
  type GammaPair,
  type GammaSubject,
  gammaKey,
  gammaPanels,
  readGammaPairs,
  Study,
  type StudyObjective,
  studyPlot,
  writeGammaPair,
} from '#libs/tuning/index.js';
import type { ProgressStream } from '../progress-display.js';
import type { DraftService } from './draft-service.js';
import { GammaBench } from './gamma-bench.js';
import { predictedSpeedUp, predictLengths, UNTUNED } from './gamma-prediction.js';
import { gammaReport } from './gamma-report.js';
import { type GammaFindings, searchGamma } from './gamma-search.js';
import { quantile } from './quantile.js';

export interface GammaTuning {
  /** The target's. */
  readonly folder: string;
  readonly draft: DraftService;
  readonly prompts: readonly string[];
  /** Of an answer, that count. */
  readonly answerTokens: number;
  /** Of the study altogether. */
  readonly numTrials: number;
  readonly objective: StudyObjective;
  /** Default: beside the model. */
  readonly study: string | undefined;
  readonly out: ProgressStream;
}

const DEFAULT_STUDY = 'gamma-study.jsonl';
/** Less is noise. Prediction and measurement must both reach it: on a busy machine either alone is luck now and then. */
const WORTHWHILE = 1.02;
/** What adapts itself is left in charge where a fixed setting brings hardly more. */
const BETTER_THAN_UNTUNED = 1.01;
const FINALISTS = 3;
const SPEED_REPEATS = 3;

/** @returns What it left beside the model. */
export async function tuneGamma(tuning: GammaTuning, signal: AbortSignal): Promise<GammaPair> {
  const { folder, draft, prompts, out, answerTokens } = tuning;
  const model = await openModelFolder(folder);
  const { name } = model.manifest;
  // A damaged file is found before the work, not behind it.
  await readGammaPairs(folder, name);
  const path = tuning.study ?? join(folder, DEFAULT_STUDY);
  const study = await Study.open(path, GAMMA_STUDY, subjectOf(model, tuning));
  let bench: GammaBench | undefined;
  try {
    out.write(`Reading ${prompts.length} prompts …\n`);
    bench = await GammaBench.open({ model, draft, prompts, answerTokens }, signal);
    const findings = await searchGamma(study, bench, tuning, signal);
    out.write('Measuring the best …\n');
    const pair = await verifiedPair(findings, bench, draft.name, signal);
    const gammaFile = await writeGammaPair(folder, name, pair);
    const plotFile = `${path.replace(/\.[^./]*$/, '')}.svg`;
    const constants = predictLengths(findings.recording).constants.map((y, i) => ({ x: i + 1, y }));
    const title = `Draft lengths of ${draft.name} for ${name}`;
    await writeFile(plotFile, studyPlot(title, gammaPanels(findings.trials, constants)));
    out.write(gammaReport({ ...pair, model: name, gammaFile, studyFile: path, plotFile }));
    return pair;
  } finally {
    await study.close();
    await bench?.close();
  }
}

function subjectOf(
  { manifest }: ModelFolder,
  { draft, prompts, answerTokens, objective }: GammaTuning,
): GammaSubject {
  const sha256 = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('hex');
  return {
    study: 'gamma',
    format: 1,
    model: manifest.name,
    graph: sha256(manifest.files),
    draft: draft.name,
    prompts: sha256({ prompts, answerTokens }),
    objective,
  };
}

/** The best trials and what requests get without tuning, side by side in real rounds: the luckiest value wins a search. */
async function verifiedPair(
  { recording, trials }: GammaFindings,
  bench: GammaBench,
  draft: string,
  signal: AbortSignal,
): Promise<GammaPair> {
  const best = [...trials].sort((a, b) => b.value - a.value).map(({ setting }) => setting);
  const others = best.filter((setting) => gammaKey(setting) !== gammaKey(UNTUNED));
  const finalists = [UNTUNED, ...others.slice(0, FINALISTS)].map((setting: GammaSetting) => {
    const lessons = new GammaLessons();
    return {
      setting,
      lessons,
      predicted: predictedSpeedUp(recording, setting, lessons),
      measured: [] as number[],
    };
  });
  for (let repeat = 0; repeat < SPEED_REPEATS; repeat++)
    for (const [i, speedUp] of (await bench.speedUps(finalists, signal)).entries())
      finalists[i]!.measured.push(speedUp);
  const ranked = finalists.map((each) => ({ ...each, median: quantile(each.measured, 0.5) }));
  const untuned = ranked[0]!;
  const fastest = ranked.reduce((a, b) => (b.median > a.median ? b : a));
  const chosen = fastest.median > BETTER_THAN_UNTUNED * untuned.median ? fastest : untuned;
  const { acceptance, cost, breakEvenCost } = predictLengths(recording);
  return {
    draft,
    setting: chosen.setting,
    isWorthwhile: Math.min(chosen.predicted, chosen.median) >= WORTHWHILE,
    measured: {
      acceptance,
      cost,
      breakEvenCost,
      predictedSpeedUp: chosen.predicted,
      measuredSpeedUp: chosen.median,
      spread: [quantile(chosen.measured, 0), quantile(chosen.measured, 1)],
      untunedSpeedUp: untuned.median,
      trials: trials.length,
    },
  };
}
