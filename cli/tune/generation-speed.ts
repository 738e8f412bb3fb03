// One greedy generation through the real round loop, timed without its prefill.
import { randomUUID } from 'node:crypto';
import { AppError } from '#libs/errors/index.js';
import { GREEDY } from '#libs/sampling/index.js';
import { decode, type GammaController, type Proposer, type Round } from '#libs/speculative/index.js';
import { EngineVerifier } from '../../services/verifier/engine-verifier.js';
import type { Target } from '../../services/verifier/verify.js';

const DEADLINE_MS = 60_000;

export interface GenerationTask {
  readonly target: Target;
  readonly prompt: readonly number[];
  readonly numTokens: number;
  readonly stopTokenIds?: readonly number[];
  readonly gamma: GammaController;
  readonly proposer?: Proposer;
}

export interface TimedGeneration {
  readonly tokens: readonly number[];
  /** All but the first, which read the prompt. */
  readonly rounds: readonly Round[];
  /** Milliseconds of those. */
  readonly ms: number;
}

/** @throws AppError unavailable if a draft failed: what is measured then says nothing. */
export async function generationSpeed(
  { target, prompt, numTokens, stopTokenIds = [], gamma, proposer }: GenerationTask,
  signal: AbortSignal,
): Promise<TimedGeneration> {
  const { headSize: vocabSize, contextLength } = target.model;
  const sessionId = randomUUID();
  const decoding = decode(
    {
      sessionId,
      promptTokens: prompt,
      sampling: GREEDY,
      maxTokens: numTokens,
      contextLength,
      stopTokenIds: new Set(stopTokenIds),
      vocabSize,
    },
    {
      verifier: new EngineVerifier(target),
      proposer,
      gamma,
      draftDeadlineMs: DEADLINE_MS,
      now: () => performance.now(),
    },
    signal,
  );
  const all: Round[] = [];
  for await (const round of decoding) {
    if (round.draftFailure !== undefined)
      throw new AppError('unavailable', `The draft failed while it was measured: ${round.draftFailure}`);
    all.push(round);
  }
  target.slots.delete(sessionId);
  const rounds = all.slice(1);
  return {
    tokens: all.flatMap(({ tokens }) => tokens),
    rounds,
    ms: rounds.reduce((sum, { totalMs }) => sum + totalMs, 0),
  };
}

/** What is measured must not have changed the text. */
export function assertSameText({ tokens }: TimedGeneration, plain: readonly number[], how: string): void {
  if (String(tokens) !== String(plain))
    throw new AppError('internal', `Drafting ${how} changed the text: report this as a bug.`);
}
