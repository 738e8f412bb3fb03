// The rounds of one generation, as the gateway's gRPC service tells them.
import type { GenerationClient, RoundStats } from '#libs/rpc/index.js';
import { GREEDY } from '#libs/sampling/index.js';

export interface TimedRound
  extends Pick<RoundStats, 'drafted' | 'draftMs' | 'verifyMs' | 'draftComputeMs' | 'verifyComputeMs'> {
  readonly atMs: number;
  /** It read the prompt. */
  readonly isFirst: boolean;
  /** Tokens that the target was fed. */
  readonly rows: number;
}

export interface TimedRequest {
  readonly text: string;
  /** Tokens a draft; 0: plain. */
  readonly gamma: number;
  readonly maxTokens: number;
  readonly sessionId: string;
}

export async function roundsOf(
  client: GenerationClient,
  { text, gamma, maxTokens, sessionId }: TimedRequest,
): Promise<TimedRound[]> {
  const request = {
    model: '',
    input: { messages: [{ role: 'user', content: text }] },
    sampling: GREEDY,
    maxTokens,
    stop: [],
    speculation:
      gamma === 0
        ? { enabled: false, numSpeculativeTokens: 0, method: '' }
        : { enabled: true, numSpeculativeTokens: gamma, method: 'draft_model', controller: 'constant' },
    sessionId,
  };
  const rounds: (RoundStats & { readonly atMs: number })[] = [];
  let promptTokens = 0;
  for await (const { round, usage } of client.generate(request, { signal: AbortSignal.timeout(120_000) })) {
    if (round !== undefined) rounds.push({ ...round, atMs: performance.now() });
    promptTokens = usage?.promptTokens ?? promptTokens;
  }
  return rounds.map((round, i) => ({
    ...round,
    isFirst: i === 0,
    rows: i === 0 ? promptTokens - round.cachedTokens : round.drafted + 1,
  }));
}
