// Times of the target's forward by rows and sequences, and of the draft's step, measured in the same run as the load: few
// sessions with drafts of fixed lengths on a stack that is otherwise quiet, each round told by the public gRPC service.
import { ChannelPool, GenerationClient } from '#libs/rpc/index.js';
import { copyPrompts, familyPrompts } from '../../test/support/prompts.js';
import { median } from '../statistics.js';
import { groupedBy } from './grouped-by.js';
import { roundsOf, type TimedRound } from './timed-rounds.js';

/** Medians of forwards over so many rows at once, in milliseconds. */
export interface ForwardTime {
  /** Sequences in the forward. */
  readonly slots: number;
  /** Tokens that it was fed: drafted ones and the one before them, of all sequences. */
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
  /** A verification beyond its forward: judging, queue. */
  readonly verifyOverheadMs: number;
}

const GAMMAS = [0, 1, 2, 3, 4, 6, 8];
const TOGETHER = { sessions: [2, 4, 8], gammas: [0, 2, 4] };
/** Longer prompts may be read in several forwards: they count as so many rows, at their time a row. */
const MOST_PROMPT_ROWS = 64;
const PROMPT_STEP = 8;

/** @param prompts Of how many prompts, each with every length. */
export async function measureForwardTimes(
  grpcEndpoint: string,
  { prompts, maxTokens }: { readonly prompts: number; readonly maxTokens: number },
): Promise<RoundCostTable> {
  const pool = new ChannelPool();
  const client = new GenerationClient(grpcEndpoint, pool);
  const texts = [...familyPrompts(), ...copyPrompts()].map(({ text }) => text);
  const alone: TimedRound[] = [];
  const forwards: ForwardTime[][] = [];
  let session = 0;
  const ask = (text: string, gamma: number, most = maxTokens) =>
    roundsOf(client, { text, gamma, maxTokens: most, sessionId: `forward-times-${session++}` });
  try {
    // Each prompt for the first time: later its rows are found in a cache.
    for (const text of texts) alone.push(...(await ask(text, 0, 2)));
    for (let i = 0; i < prompts; i++)
      for (const gamma of i % 2 === 0 ? GAMMAS : [...GAMMAS].reverse())
        alone.push(...(await ask(texts[(5 * i) % texts.length]!, gamma)));
    for (const sessions of TOGETHER.sessions)
      for (const gamma of TOGETHER.gammas) {
        const asked = Array.from({ length: sessions }, (_, i) => ask(texts[(7 * i) % texts.length]!, gamma));
        forwards.push(sharedForwards((await Promise.all(asked)).flat()));
      }
  } finally {
    client.close();
    pool.close();
  }
  return costTable(alone, forwards.flat());
}

/** Rounds of one forward were told the very same time of it. Those that a prompt joined are left out: its rows are unknown. */
function sharedForwards(rounds: readonly TimedRound[]): ForwardTime[] {
  const lastPrompt = Math.max(...rounds.filter(({ isFirst }) => isFirst).map(({ atMs }) => atMs));
  const steady = rounds.filter(({ isFirst, atMs }) => !isFirst && atMs > lastPrompt);
  return [...groupedBy(steady, ({ verifyComputeMs }) => verifyComputeMs)].map(([forwardMs, some]) => ({
    slots: some.length,
    rows: some.reduce((sum, { rows }) => sum + rows, 0),
    forwardMs,
    rounds: 1,
  }));
}

function costTable(alone: readonly TimedRound[], shared: readonly ForwardTime[]): RoundCostTable {
  const later = alone.filter(({ isFirst }) => !isFirst);
  const prompts = alone.filter(({ isFirst, rows }) => isFirst && rows >= PROMPT_STEP);
  const single: ForwardTime[] = [
    ...later.map(({ rows, verifyComputeMs }) => ({ slots: 1, rows, forwardMs: verifyComputeMs, rounds: 1 })),
    ...prompts.map(promptForward),
  ];
  const groups = groupedBy([...single, ...shared], ({ slots, rows }) => `${slots} ${rows}`);
  const drafting = later.filter(({ drafted }) => drafted > 0);
  const step = draftLine(drafting);
  return {
    forwards: [...groups.values()]
      .map((some) => ({
        ...some[0]!,
        forwardMs: median(some.map(({ forwardMs }) => forwardMs)),
        rounds: some.length,
      }))
      .sort((a, b) => a.slots - b.slots || a.rows - b.rows),
    draftStepMs: step.slope,
    draftFixedMs: Math.max(0, step.intercept),
    draftHopMs: median(drafting.map(({ draftMs, draftComputeMs }) => draftMs - draftComputeMs)),
    verifyOverheadMs: median(later.map(({ verifyMs, verifyComputeMs }) => verifyMs - verifyComputeMs)),
  };
}

function promptForward({ rows, verifyComputeMs }: TimedRound): ForwardTime {
  const shown = Math.min(MOST_PROMPT_ROWS, PROMPT_STEP * Math.round(rows / PROMPT_STEP));
  return { slots: 1, rows: shown, forwardMs: (verifyComputeMs * shown) / rows, rounds: 1 };
}

/** Weighted least squares through the medians of proposals of each length. */
function draftLine(rounds: readonly TimedRound[]): { readonly slope: number; readonly intercept: number } {
  let [w, x, y, xx, xy] = [0, 0, 0, 0, 0];
  for (const [tokens, some] of groupedBy(rounds, ({ drafted }) => drafted)) {
    const ms = median(some.map(({ draftComputeMs }) => draftComputeMs));
    w += some.length;
    x += some.length * tokens;
    y += some.length * ms;
    xx += some.length * tokens * tokens;
    xy += some.length * tokens * ms;
  }
  const slope = (w * xy - x * y) / (w * xx - x * x);
  return { slope, intercept: (y - slope * x) / w };
}
