// What rounds cost, measured in the same run as the load: forwards of the target by rows and sequences, the draft's step, and
// what is around them. A few sessions ask what the load asks, with drafts of fixed lengths; the public gRPC service tells
// each round.
import { ChannelPool, GenerationClient } from '#libs/rpc/index.js';
import { costTable, type RoundCostTable } from './cost-table.js';
import { MIX, mixedRequests } from './prompt-mix.js';
import { type TimedGeneration, timedGeneration } from './timed-rounds.js';

const ALONE = { gammas: [0, 1, 2, 3, 4, 6, 8], share: 0.4 };
const TOGETHER = { sessions: [2, 4, 8], gammas: [0, 2, 4] };
const SEED = 424_242;

export async function measureForwardTimes(
  grpcEndpoint: string,
  { minutes, maxTokens }: { readonly minutes: number; readonly maxTokens: number },
): Promise<RoundCostTable> {
  const pool = new ChannelPool();
  const client = new GenerationClient(grpcEndpoint, pool);
  let session = 0;
  const together = async (sessions: number, gammas: readonly number[], ms: number) => {
    const signal = AbortSignal.timeout(Math.round(ms));
    const asked = Array.from({ length: sessions }, () =>
      askedUntil(client, { session: session++, gammas, maxTokens }, signal),
    );
    return (await Promise.all(asked)).flat();
  };
  try {
    const allMs = 60_000 * minutes;
    // The first requests find everything cold.
    await together(2, [0, 4], 0.05 * allMs);
    const alone = await together(1, ALONE.gammas, ALONE.share * allMs);
    const shared: TimedGeneration[][] = [];
    const phases = TOGETHER.sessions.length * TOGETHER.gammas.length;
    for (const sessions of TOGETHER.sessions)
      for (const gamma of TOGETHER.gammas) {
        const ms = ((0.95 - ALONE.share) * allMs) / phases;
        shared.push(await together(sessions, [gamma], ms));
      }
    return costTable(alone, shared);
  } finally {
    client.close();
    pool.close();
  }
}

/** One session's generations until the signal aborts, with each length in turn. */
async function askedUntil(
  client: GenerationClient,
  { session, gammas, maxTokens }: { session: number; gammas: readonly number[]; maxTokens: number },
  signal: AbortSignal,
): Promise<TimedGeneration[]> {
  const all: TimedGeneration[] = [];
  for (const request of mixedRequests(SEED + session, maxTokens, MIX)) {
    if (signal.aborted) break;
    const gamma = gammas[all.length % gammas.length]!;
    const sessionId = `forward-times-${session}`;
    all.push(await timedGeneration(client, { ...request, gamma, sessionId }, signal));
  }
  return all;
}
