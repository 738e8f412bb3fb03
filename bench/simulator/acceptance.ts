// What a draft proposes and how much of it is accepted, at each place of an answer: from recorded generations, or by chance.
import type { DraftPlan } from '#libs/speculative/index.js';

export interface RecordedTrace {
  readonly family: string;
  /** Tokens accepted of eight, by position. */
  readonly accepted: readonly number[];
  readonly confidences: readonly (readonly number[])[];
}

export interface Drafted {
  readonly drafted: number;
  readonly accepted: number;
  readonly confidences: readonly number[];
}

/** One answer's drafts. */
export interface Answer {
  /** Tokens, its end included. */
  readonly length: number;
  at(position: number, plan: DraftPlan): Drafted;
}

/** Positions behind a trace's end that it says nothing of, since drafts from there would reach over it. */
const BEYOND = 8;
/** A trace so long was cut, not ended. */
const CUT_AT = 96;

/**
 * @param kept Chance that a token which the recorded, greedy generation accepted is accepted here: below 1 for sampled
 * answers, whose drafts the target shares less often.
 */
export function recordedAnswer(
  trace: RecordedTrace,
  maxTokens: number,
  kept: number,
  random: () => number,
): Answer {
  const ended = trace.accepted.length < CUT_AT ? trace.accepted.length + BEYOND : Number.POSITIVE_INFINITY;
  return {
    length: Math.max(1, Math.min(maxTokens, ended)),
    at: (position, plan) => {
      const place = position % Math.max(1, trace.accepted.length);
      const confidences = stopped(trace.confidences[place] ?? [], plan);
      const most = Math.min(confidences.length, trace.accepted[place] ?? 0);
      let accepted = 0;
      while (accepted < most && (kept >= 1 || random() < kept)) accepted++;
      return { drafted: confidences.length, accepted, confidences };
    },
  };
}

/** Each token accepted with the same chance, whatever came before. */
export function chanceAnswer(length: number, chance: number, random: () => number): Answer {
  return {
    length,
    at: (_, { maxTokens }) => {
      let accepted = 0;
      while (accepted < maxTokens && random() < chance) accepted++;
      return { drafted: maxTokens, accepted, confidences: new Array<number>(maxTokens).fill(chance) };
    },
  };
}

/** As a draft does it: it stops after the token that it doubts. */
function stopped(confidences: readonly number[], plan: DraftPlan): readonly number[] {
  const { maxTokens, minConfidence, minReach = 0 } = plan;
  let reach = 1;
  for (let i = 0; i < Math.min(maxTokens, confidences.length); i++) {
    reach *= confidences[i]!;
    if (confidences[i]! < minConfidence || reach < minReach) return confidences.slice(0, i + 1);
  }
  return confidences.slice(0, maxTokens);
}
