// The trials of a study of lengths: first what anyone would set by hand, then what the estimator suggests.
import { GammaLessons, type GammaSetting } from '#libs/speculative/index.js';
import {
  type GammaEntry,
  type GammaRecording,
  type GammaTrial,
  type Study,
  type StudyObjective,
  seededRandom,
  suggestGamma,
} from '#libs/tuning/index.js';
import { type ProgressStream, type StepDisplay, stepDisplay } from '../progress-display.js';
import type { GammaBench } from './gamma-bench.js';
import { predictedSpeedUp, UNTUNED } from './gamma-prediction.js';
import { record } from './gamma-recorder.js';

export interface GammaSearchOptions {
  /** Of the study altogether. */
  readonly numTrials: number;
  readonly objective: StudyObjective;
  readonly out: ProgressStream;
}

const BY_HAND: readonly GammaSetting[] = [
  UNTUNED,
  ...[1, 2, 3, 4, 6].map((maxTokens) => ({ controller: 'constant', maxTokens }) as const),
  { controller: 'confidence', maxTokens: 8, threshold: 0.4 },
  { controller: 'draft_exit', maxTokens: 12, threshold: 0.6, goal: 0.9 },
  { controller: 'heuristic', maxTokens: 8 },
];
/** Random ones behind those. */
const NUM_RANDOM = 8;

export interface GammaFindings {
  readonly recording: GammaRecording;
  readonly trials: readonly GammaTrial[];
}

/** Every trial is on the disk before the next begins, and so is what they are judged by. */
export async function searchGamma(
  study: Study<GammaEntry>,
  bench: GammaBench,
  options: GammaSearchOptions,
  signal: AbortSignal,
): Promise<GammaFindings> {
  const { numTrials, objective, out } = options;
  const display = stepDisplay(out);
  try {
    const recording = await recordingOf(study, bench, display, signal);
    const judge = async (setting: GammaSetting) => {
      const lessons = new GammaLessons();
      const predicted = predictedSpeedUp(recording, setting, lessons);
      if (objective === 'goodput') return predicted;
      return (await bench.speedUps([{ setting, lessons }], signal))[0]!;
    };
    for (;;) {
      signal.throwIfAborted();
      const trials = trialsOf(study);
      const setting = trials.length < numTrials ? nextSetting(trials) : undefined;
      if (setting === undefined) return { recording, trials };
      await study.add({ kind: 'trial', setting, value: await judge(setting) });
      const done = trials.length + 1;
      const best = Math.max(...trialsOf(study).map(({ value }) => value)).toFixed(3);
      const amount = `${done} of ${numTrials} trials, best ${best}×`;
      display.onStep({ name: 'Searching', done, total: numTrials, amount });
    }
  } finally {
    display.stop();
  }
}

function trialsOf({ entries }: Study<GammaEntry>): GammaTrial[] {
  return entries.filter((entry) => entry.kind === 'trial');
}

/** A resumed study goes on with its own recording: trials are comparable only on one. */
async function recordingOf(
  study: Study<GammaEntry>,
  bench: GammaBench,
  display: StepDisplay,
  signal: AbortSignal,
): Promise<GammaRecording> {
  const known = study.entries.find((entry) => entry.kind === 'recording');
  if (known !== undefined) return known;
  const total = bench.texts.length;
  let done = 0;
  const onPrompt = () => {
    done++;
    display.onStep({ name: 'Recording', done, total, amount: `${done} of ${total} answers` });
  };
  const recording = await record(bench, onPrompt, signal);
  await study.add(recording);
  return recording;
}

/** A resumed study goes on as it would have: the trial's number is the seed. */
function nextSetting(trials: readonly GammaTrial[]): GammaSetting | undefined {
  return (
    BY_HAND[trials.length] ?? suggestGamma(trials, BY_HAND.length + NUM_RANDOM, seededRandom(trials.length))
  );
}
