// What rounds cost and what drafts bring, from generations that told each round. Means, not medians: what takes long now
// and then takes its time under load too.
import { mean, sum } from '../statistics.js';
import { groupedBy } from './grouped-by.js';
import type { TimedGeneration, TimedRound } from './timed-rounds.js';

/** Mean of forwards over so many rows at once, in milliseconds. */
export interface ForwardTime {
  /** Sequences in the forward. */
  readonly slots: number;
  /** Tokens that it was fed, of all sequences: drafted ones and those before them, and pieces of prompts. */
  readonly rows: number;
  readonly forwardMs: number;
  /** How many were seen. */
  readonly rounds: number;
}

export interface RoundCostTable {
  readonly forwards: readonly ForwardTime[];
  /** Milliseconds of the draft's own clock for one more token. */
  readonly draftStepMs: number;
  /** The draft's own time of a proposal beyond its steps. */
  readonly draftFixedMs: number;
  /** Asking the draft and hearing its answer, beyond the draft's own time. */
  readonly draftHopMs: number;
  /** A verification beyond its forward, for each row of logits that it judges. */
  readonly verifyOverheadMs: number;
  /** A request beyond its rounds. */
  readonly requestMs?: number;
  /** Chance of a token of the draft model to be accepted if those before it were. */
  readonly acceptance?: Acceptance;
}

/** By the temperatures that the load asks for: 0, and above. */
export type Acceptance = Readonly<Record<'greedy' | 'sampled', number>>;

/** Longer prompts are read in several forwards: they count as so many rows, at their time a row. */
const MOST_PROMPT_ROWS = 64;
const PROMPT_STEP = 8;

/** Rounds of one forward were told the very same time of it. What a prompt took may be of several forwards. */
function sharedForwards(rounds: readonly TimedRound[]): ForwardTime[] {
  const later = rounds.filter(({ isFirst }) => !isFirst);
  return [...groupedBy(later, ({ verifyComputeMs }) => verifyComputeMs)].map(([forwardMs, [round]]) => ({
    slots: round?.batchSize ?? 1,
    rows: round?.batchTokens ?? round?.rows ?? 1,
    forwardMs,
    rounds: 1,
  }));
}

/** @param shared Phase by phase. */
export function costTable(
  alone: readonly TimedGeneration[],
  shared: readonly (readonly TimedGeneration[])[],
): RoundCostTable {
  const rounds = roundsOf(alone);
  const later = rounds.filter(({ isFirst }) => !isFirst);
  const prompts = rounds.filter(({ isFirst, rows }) => isFirst && rows >= PROMPT_STEP);
  const together = shared.flatMap((phase) => sharedForwards(roundsOf(phase)));
  const forwards = [...sharedForwards(rounds), ...prompts.map(promptForward), ...together];
  const groups = groupedBy(forwards, ({ slots, rows }) => `${slots} ${rows}`);
  const drafting = later.filter(({ drafted }) => drafted > 0);
  const step = draftLine(drafting);
  return {
    forwards: [...groups.values()]
      .map((some) => ({
        ...some[0]!,
        forwardMs: mean(some.map(({ forwardMs }) => forwardMs)),
        rounds: some.length,
      }))
      .sort((a, b) => a.slots - b.slots || a.rows - b.rows),
    draftStepMs: step.slope,
    draftFixedMs: Math.max(0, step.intercept),
    draftHopMs: mean(drafting.map(({ draftMs, draftComputeMs }) => draftMs - draftComputeMs)),
    verifyOverheadMs:
      sum(later.map(({ verifyMs, verifyComputeMs }) => verifyMs - verifyComputeMs)) /
      sum(later.map(({ drafted }) => drafted + 1)),
    requestMs: mean(alone.flatMap(beyondRounds)),
    acceptance: acceptanceOf([...alone, ...shared.flat()]),
  };
}

function roundsOf(generations: readonly TimedGeneration[]): TimedRound[] {
  return generations.flatMap(({ rounds }) => [...rounds]);
}

function acceptanceOf(generations: readonly TimedGeneration[]): Acceptance {
  const chance = (some: readonly TimedGeneration[]) => acceptanceChance(roundsOf(some));
  return {
    greedy: chance(generations.filter(({ temperature }) => temperature === 0)),
    sampled: chance(generations.filter(({ temperature }) => temperature > 0)),
  };
}

/** Of drafts of any length: tokens accepted, of those that the target came to. */
export function acceptanceChance(
  drafts: readonly { readonly drafted: number; readonly accepted: number }[],
): number {
  const accepted = sum(drafts.map((draft) => draft.accepted));
  const refused = drafts.filter((draft) => draft.accepted < draft.drafted).length;
  return accepted / (accepted + refused);
}

function beyondRounds({ rounds, ms }: TimedGeneration): number[] {
  return ms === undefined ? [] : [ms - sum(rounds.map(({ totalMs }) => totalMs))];
}

function promptForward({ rows, verifyComputeMs }: TimedRound): ForwardTime {
  const shown = Math.min(MOST_PROMPT_ROWS, PROMPT_STEP * Math.round(rows / PROMPT_STEP));
  return { slots: 1, rows: shown, forwardMs: (verifyComputeMs * shown) / rows, rounds: 1 };
}

/** Least squares over all proposals: their time by their length. */
function draftLine(rounds: readonly TimedRound[]): { readonly slope: number; readonly intercept: number } {
  let [w, x, y, xx, xy] = [0, 0, 0, 0, 0];
  for (const { drafted, draftComputeMs } of rounds) {
    w++;
    x += drafted;
    y += draftComputeMs;
    xx += drafted * drafted;
    xy += drafted * draftComputeMs;
  }
  const slope = (w * xy - x * y) / (w * xx - x * x);
  return { slope, intercept: (y - slope * x) / w };
}
