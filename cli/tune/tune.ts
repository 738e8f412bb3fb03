// `outrider tune`: measures on a user's own prompts and machine what a setting should be.
import { AppError } from '#libs/errors/index.js';
import { ensureModels, ensureTarget, type ModelSettings } from '../models.js';
import { required } from '../required.js';
import { type DraftService, isEndpoint, runningDraft, startDraftService } from './draft-service.js';
import { readPrompts } from './prompt-texts.js';
import { tuneGamma } from './tune-gamma.js';
import { tuneLayerSkip } from './tune-layer-skip.js';

export interface TuneArguments extends ModelSettings {
  /** What to tune. */
  readonly subject: string | undefined;
  /** A file of prompts. */
  readonly prompts: string | undefined;
  readonly trials: string | undefined;
  readonly study: string | undefined;
  readonly objective: string | undefined;
  /** Of gamma: tokens of an answer that are measured. */
  readonly answerTokens?: string | undefined;
  /** Where a draft is started that doesn't run already. */
  readonly draftPort: number;
  readonly env: NodeJS.ProcessEnv;
}

const SUBJECTS = ['gamma', 'layer-skip'];
const DEFAULT_TRIALS = 100;
const DEFAULT_ANSWER_TOKENS = 64;
const ANSWER_TIMEOUT_MS = 5_000;

export async function tune(args: TuneArguments, signal: AbortSignal): Promise<void> {
  const subject = required(args.subject, 'What to tune (gamma, layer-skip)');
  if (!SUBJECTS.includes(subject))
    throw new AppError(
      'invalid_argument',
      `Unknown subject ${subject}; "gamma" and "layer-skip" can be tuned.`,
    );
  const prompts = await readPrompts(required(args.prompts, '--prompts'));
  const numTrials = wholeNumber('--trials', args.trials, DEFAULT_TRIALS, [1, 100_000]);
  const objective = objectiveOf(args.objective);
  const { study, out } = args;
  if (subject === 'layer-skip') {
    const folder = await ensureTarget(args, signal);
    await tuneLayerSkip({ folder, prompts, numTrials, objective, study, out }, signal);
    return;
  }
  const answerTokens = wholeNumber('--answer-tokens', args.answerTokens, DEFAULT_ANSWER_TOKENS, [8, 1024]);
  const { folder, draft } = await pairOf(args, signal);
  try {
    await tuneGamma({ folder, draft, prompts, answerTokens, numTrials, objective, study, out }, signal);
  } finally {
    await draft.stop();
  }
}

/** The target's folder, and its draft at work. */
async function pairOf(args: TuneArguments, signal: AbortSignal) {
  if (args.draft !== undefined && isEndpoint(args.draft))
    return {
      folder: await ensureTarget(args, signal),
      draft: await answeringDraft(args.draft, args.env, signal),
    };
  const { targetFolder, draftFolder } = await ensureModels(args, signal);
  const { home, draftPort: port, env } = args;
  return {
    folder: targetFolder,
    draft: await startDraftService({ home, folder: draftFolder, port, env }, signal),
  };
}

/** @throws AppError unavailable if nothing answers there. */
async function answeringDraft(
  endpoint: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<DraftService> {
  const limit = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
  try {
    return await runningDraft(endpoint, env, AbortSignal.any([signal, limit]));
  } catch (cause) {
    if (!limit.aborted || signal.aborted) throw cause;
    const message = `--draft: no draft serves at ${endpoint} within ${ANSWER_TIMEOUT_MS / 1000} s.`;
    throw new AppError('unavailable', message, { cause });
  }
}

function wholeNumber(
  option: string,
  text: string | undefined,
  fallback: number,
  [least, most]: readonly [number, number],
): number {
  const number = text === undefined ? fallback : Number(text);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new AppError(
    'invalid_argument',
    `${option} is ${text}; it must be a whole number from ${least} to ${most}.`,
  );
}

function objectiveOf(text = 'goodput'): 'goodput' | 'speed' {
  if (text === 'goodput' || text === 'speed') return text;
  throw new AppError('invalid_argument', `--objective is ${text}; it must be goodput or speed.`);
}
