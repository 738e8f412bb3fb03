// One greedy generation through the real round loop, timed without its prefill.
import { randomUUID } from 'node:crypto';
import { GREEDY } from '#libs/sampling/index.js';
import { ConstantGamma, decode, type Proposer } from '#libs/speculative/index.js';
import { EngineVerifier } from '../../services/verifier/engine-verifier.js';
import type { Target } from '../../services/verifier/verify.js';

const DEADLINE_MS = 60_000;

export interface GenerationTask {
  readonly target: Target;
  readonly prompt: readonly number[];
  readonly numTokens: number;
  /** 0 is plain decoding. */
  readonly gamma: number;
  readonly proposer?: Proposer;
}

export interface TimedGeneration {
  readonly tokens: readonly number[];
  /** Milliseconds of the rounds after the first. */
  readonly ms: number;
}

export async function generationSpeed(
  { target, prompt, numTokens, gamma, proposer }: GenerationTask,
  signal: AbortSignal,
): Promise<TimedGeneration> {
  const { headSize: vocabSize, contextLength } = target.model;
  const sessionId = randomUUID();
  const rounds = decode(
    {
      sessionId,
      promptTokens: prompt,
      sampling: GREEDY,
      maxTokens: numTokens,
      contextLength,
      stopTokenIds: new Set(),
      vocabSize,
    },
    {
      verifier: new EngineVerifier(target),
      proposer,
      gamma: new ConstantGamma(gamma),
      draftDeadlineMs: DEADLINE_MS,
      now: () => performance.now(),
    },
    signal,
  );
  const tokens: number[] = [];
  let ms = 0;
  for await (const round of rounds) {
    if (tokens.length > 0) ms += round.totalMs;
    tokens.push(...round.tokens);
  }
  target.slots.delete(sessionId);
  return { tokens, ms };
}
