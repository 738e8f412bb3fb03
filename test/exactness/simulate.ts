// Generates many sequences through the real round loop and tests them against the exact law.
import type { SamplingParams } from '#libs/sampling/index.js';
import {
  type DecodePorts,
  type DecodeRequest,
  decode,
  SpeculationStats,
  type SpeculativeDecodingMetrics,
} from '#libs/speculative/index.js';
import { type ChiSquared, chiSquaredTest } from './chi-squared.js';
import { exactLaw } from './exact-law.js';
import type { ToyModel } from './toy-models.js';

export interface Simulation {
  readonly target: ToyModel;
  readonly params: Omit<SamplingParams, 'seed'>;
  /** Tokens of a sequence that are tested. */
  readonly length: number;
  /** Tokens generated beyond them, so that gamma isn't clipped; 0 ends the generation at the last tested one. */
  readonly slack: number;
  readonly stopTokenIds?: ReadonlySet<number>;
  /** What a grammar allows next. */
  readonly isAllowed?: (generated: readonly number[], token: number) => boolean;
  /** What the round loop takes for them; differs in a control only. */
  readonly loopStopTokenIds?: ReadonlySet<number>;
  /** Fresh ports for each sequence, since a gamma controller has state. */
  readonly ports: () => Omit<DecodePorts, 'now' | 'draftDeadlineMs'> & Partial<DecodePorts>;
  readonly numSequences: number;
}

export interface SimulationResult extends ChiSquared {
  readonly metrics: SpeculativeDecodingMetrics;
  readonly failedDrafts: number;
}

export const PROMPT: readonly number[] = [0, 1, 2, 1];

export async function simulate(simulation: Simulation): Promise<SimulationResult> {
  const { target, params, length, slack, stopTokenIds = new Set<number>(), numSequences } = simulation;
  const counts = new Map<string, number>();
  const stats = new SpeculationStats(1);
  let failedDrafts = 0;
  const { signal } = new AbortController();
  const request: Omit<DecodeRequest, 'sampling'> = {
    sessionId: 'toy',
    promptTokens: PROMPT,
    maxTokens: length + slack,
    contextLength: 100,
    stopTokenIds: simulation.loopStopTokenIds ?? stopTokenIds,
    vocabSize: target.vocabSize,
  };
  for (let i = 0; i < numSequences; i++) {
    const generated: number[] = [];
    const sampling = { ...params, seed: BigInt(i) };
    const ports = { now: () => 0, draftDeadlineMs: 1000, ...simulation.ports() };
    for await (const round of decode({ ...request, sampling }, ports, signal)) {
      generated.push(...round.tokens);
      stats.add(round);
      if (round.draftFailure !== undefined) failedDrafts++;
      if (generated.length >= length || stopTokenIds.has(generated.at(-1)!)) break;
    }
    const outcome = generated.slice(0, length).join();
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  }
  const law = exactLaw(target, { ...params, seed: 0n }, PROMPT, length, stopTokenIds, simulation.isAllowed);
  return { ...chiSquaredTest(counts, law), metrics: stats.toMetrics(), failedDrafts };
}

/** One line for the test's report. */
export function summary({
  statistic,
  degreesOfFreedom,
  pValue,
  metrics,
  failedDrafts,
}: SimulationResult): string {
  const acceptance = metrics.draft_acceptance_rate;
  return `chi² ${statistic.toFixed(1)} on ${degreesOfFreedom} degrees, p ${pValue.toExponential(2)}, acceptance ${acceptance.toFixed(3)}, ${failedDrafts} failed drafts`;
}
