// An answer, and what a draft model proposes at each place of it: from recorded generations, or by chance.
import type { Verdict } from '#libs/sampling/index.js';
import type { DraftPlan } from '#libs/speculative/index.js';

export interface RecordedTrace {
  readonly family: string;
  /** Tokens. */
  readonly answer: readonly number[];
  /** Tokens accepted of eight, by position. */
  readonly accepted: readonly number[];
  readonly confidences: readonly (readonly number[])[];
}

interface DraftedTokens {
  readonly tokens: readonly number[];
  readonly confidences: readonly number[];
}

export interface Answer {
  /** Tokens, its end included. */
  readonly length: number;
  /** What the draft model proposes behind so many tokens of the answer. */
  drafted(position: number, plan: DraftPlan): DraftedTokens;
  /** What the target says of a proposal there, whoever made it. */
  judged(position: number, proposal: ArrayLike<number>): Verdict;
}

export const VOCAB_SIZE = 50_000;

/** The target's next tokens, and how many of the draft's are among them, with which confidences. */
interface Course {
  readonly length: number;
  token(position: number): number;
  recorded(position: number): { readonly accepted: number; readonly confidences: readonly number[] };
}

/**
 * @param kept Chance that a token which the recorded, greedy generation accepted is accepted here: below 1 for sampled
 * answers, and behind other prompts than the recorded ones.
 */
export function recordedAnswer(
  { answer, accepted, confidences }: RecordedTrace,
  maxTokens: number,
  kept: number,
  random: () => number,
): Answer {
  // Nothing was drafted where eight tokens would reach over the end: as a little before.
  const known = (position: number) => Math.min(position, accepted.length - 1);
  const course: Course = {
    length: Math.max(1, Math.min(maxTokens, answer.length)),
    token: (position) => answer[position] ?? 0,
    recorded: (position) => ({
      accepted: accepted[known(position)] ?? 0,
      confidences: confidences[known(position)] ?? [],
    }),
  };
  return answerAlong(course, kept, random);
}

/** Each drafted token is right with the same chance, whatever came before. */
export function chanceAnswer(length: number, chance: number, random: () => number): Answer {
  const course: Course = {
    length,
    token: (position) => position % VOCAB_SIZE,
    recorded: () => {
      const confidences = new Array<number>(8).fill(chance);
      const wrong = confidences.findIndex(() => random() >= chance);
      return { accepted: wrong < 0 ? confidences.length : wrong, confidences };
    },
  };
  return answerAlong(course, 1, random);
}

function answerAlong(course: Course, kept: number, random: () => number): Answer {
  const { length, token } = course;
  return {
    length,
    drafted: (position, plan) => {
      // What a round is about is the token behind the last one: drafts were recorded by that one.
      const { accepted, confidences } = course.recorded(position - 1);
      const shown = stopped(confidences, plan);
      const tokens = shown.map((_, i) => {
        const right = token(position + i);
        return i < accepted ? right : (right + 1) % VOCAB_SIZE;
      });
      return { tokens, confidences: shown };
    },
    judged: (position, proposal) => {
      let acceptedCount = 0;
      while (
        acceptedCount < proposal.length &&
        proposal[acceptedCount] === token(position + acceptedCount) &&
        (kept >= 1 || random() < kept)
      )
        acceptedCount++;
      return { acceptedCount, finalToken: token(position + acceptedCount) };
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
