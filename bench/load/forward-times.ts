// Times of the target's forward by rows, and of the draft's step, measured in the same run as the load: rounds of a quiet
// stack with drafts of fixed lengths, each told by the public gRPC service.
import { ChannelPool, GenerationClient, type RoundStats } from '#libs/rpc/index.js';
import { GREEDY } from '#libs/sampling/index.js';
import { familyPrompts } from '../../test/support/prompts.js';
import { median } from '../statistics.js';

/** Medians of rounds that verified so many rows at once, in milliseconds. */
export interface ForwardTime {
  /** Sequences in the forward. */
  readonly slots: number;
  /** Drafted tokens and the one before them, of all slots. */
  readonly rows: number;
  readonly forwardMs: number;
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

/** @param prompts Of how many prompts, each with every length. */
export async function measureForwardTimes(
  grpcEndpoint: string,
  { prompts, maxTokens }: { readonly prompts: number; readonly maxTokens: number },
): Promise<RoundCostTable> {
  const pool = new ChannelPool();
  const client = new GenerationClient(grpcEndpoint, pool);
  const rounds: RoundStats[] = [];
  try {
    const texts = familyPrompts().filter((_, i) => i % 3 === 0);
    for (const [i, { text }] of texts.slice(0, prompts).entries())
      for (const gamma of i % 2 === 0 ? GAMMAS : [...GAMMAS].reverse())
        rounds.push(...(await roundsOf(client, text, gamma, maxTokens)));
  } finally {
    client.close();
    pool.close();
  }
  return costTable(rounds);
}

/** Without the first round, which reads the prompt. */
async function roundsOf(
  client: GenerationClient,
  text: string,
  gamma: number,
  maxTokens: number,
): Promise<RoundStats[]> {
  const request = {
    model: '',
    input: { messages: [{ role: 'user', content: text }] },
    sampling: GREEDY,
    maxTokens,
    stop: [],
    speculation: {
      enabled: gamma > 0,
      numSpeculativeTokens: gamma,
      method: gamma > 0 ? 'draft_model' : '',
      ...(gamma > 0 && { controller: 'constant' }),
    },
    sessionId: 'forward-times',
  };
  const rounds: RoundStats[] = [];
  for await (const { round } of client.generate(request, { signal: AbortSignal.timeout(60_000) }))
    if (round !== undefined) rounds.push(round);
  return rounds.slice(1);
}

function costTable(rounds: readonly RoundStats[]): RoundCostTable {
  const byRows = groupedBy(rounds, ({ drafted }) => drafted + 1);
  const drafting = rounds.filter(({ drafted }) => drafted > 0);
  const draftTimes = [...groupedBy(drafting, ({ drafted }) => drafted)].map(([tokens, some]) => ({
    tokens,
    ms: median(some.map(({ draftComputeMs }) => draftComputeMs)),
    weight: some.length,
  }));
  const { slope, intercept } = line(draftTimes);
  return {
    forwards: [...byRows]
      .map(([rows, some]) => ({
        slots: 1,
        rows,
        forwardMs: median(some.map(({ verifyComputeMs }) => verifyComputeMs)),
        rounds: some.length,
      }))
      .sort((a, b) => a.rows - b.rows),
    draftStepMs: slope,
    draftFixedMs: Math.max(0, intercept),
    draftHopMs: median(drafting.map(({ draftMs, draftComputeMs }) => draftMs - draftComputeMs)),
    verifyOverheadMs: median(rounds.map(({ verifyMs, verifyComputeMs }) => verifyMs - verifyComputeMs)),
  };
}

function groupedBy<Item>(items: readonly Item[], keyOf: (item: Item) => number): Map<number, Item[]> {
  const groups = new Map<number, Item[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

/** Weighted least squares. */
function line(points: readonly { readonly tokens: number; readonly ms: number; readonly weight: number }[]) {
  let [w, x, y, xx, xy] = [0, 0, 0, 0, 0];
  for (const { tokens, ms, weight } of points) {
    w += weight;
    x += weight * tokens;
    y += weight * ms;
    xx += weight * tokens * tokens;
    xy += weight * tokens * ms;
  }
  const slope = (w * xy - x * y) / (w * xx - x * x);
  return { slope, intercept: (y - slope * x) / w };
}
