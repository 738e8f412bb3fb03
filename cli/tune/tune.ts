// `outrider tune`: measures on a user's own prompts and machine what a setting should be.
import { AppError } from '#libs/errors/index.js';
import type { ModelSettings } from '../models.js';
import { ensureTarget } from '../models.js';
import { required } from '../required.js';
import { readPrompts } from './prompt-texts.js';
import { tuneLayerSkip } from './tune-layer-skip.js';

export interface TuneArguments extends ModelSettings {
  /** What to tune. */
  readonly subject: string | undefined;
  /** A file of prompts. */
  readonly prompts: string | undefined;
  readonly trials: string | undefined;
  readonly study: string | undefined;
  readonly objective: string | undefined;
}

const DEFAULT_TRIALS = 100;

export async function tune(args: TuneArguments, signal: AbortSignal): Promise<void> {
  if (required(args.subject, 'What to tune (layer-skip)') !== 'layer-skip')
    throw new AppError('invalid_argument', `Unknown subject ${args.subject}; "layer-skip" can be tuned.`);
  const prompts = await readPrompts(required(args.prompts, '--prompts'));
  const numTrials = trialsOf(args.trials);
  const objective = objectiveOf(args.objective);
  const folder = await ensureTarget(args, signal);
  await tuneLayerSkip({ folder, prompts, numTrials, objective, study: args.study, out: args.out }, signal);
}

function trialsOf(text: string | undefined): number {
  const trials = text === undefined ? DEFAULT_TRIALS : Number(text);
  if (Number.isInteger(trials) && trials >= 1 && trials <= 100_000) return trials;
  throw new AppError('invalid_argument', `--trials is ${text}; it must be a whole number from 1 to 100000.`);
}

function objectiveOf(text = 'goodput'): 'goodput' | 'speed' {
  if (text === 'goodput' || text === 'speed') return text;
  throw new AppError('invalid_argument', `--objective is ${text}; it must be goodput or speed.`);
}
