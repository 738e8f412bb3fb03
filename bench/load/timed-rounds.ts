// The rounds of one generation, as the gateway's gRPC service tells them.
import type { GenerationClient, RoundStats } from '#libs/rpc/index.js';
import { GREEDY } from '#libs/sampling/index.js';

export interface TimedRound
  extends Pick<
    RoundStats,
    | 'drafted'
    | 'accepted'
    | 'draftMs'
    | 'verifyMs'
    | 'totalMs'
    | 'draftComputeMs'
    | 'verifyComputeMs'
    | 'batchSize'
    | 'batchTokens'
  > {
  /** It read the prompt. */
  readonly isFirst: boolean;
  /** Tokens that the target was fed for it; NaN where nobody said. */
  readonly rows: number;
}

export interface TimedRequest {
  readonly system?: string | undefined;
  readonly text: string;
  /** Default greedy. */
  readonly temperature?: number;
  /** Tokens a draft; 0: plain. */
  readonly gamma: number;
  readonly maxTokens: number;
  readonly sessionId: string;
}

export interface TimedGeneration {
  readonly temperature: number;
  readonly rounds: readonly TimedRound[];
  /** From asking to the end; undefined if it was cut off. */
  readonly ms: number | undefined;
}

/** Ends early, with the rounds so far, when the signal aborts. */
export async function timedGeneration(
  client: GenerationClient,
  { system, text, temperature = 0, gamma, maxTokens, sessionId }: TimedRequest,
  signal: AbortSignal,
): Promise<TimedGeneration> {
  const request = {
    model: '',
    input: {
      messages: [
        ...(system === undefined ? [] : [{ role: 'system', content: system }]),
        { role: 'user', content: text },
      ],
    },
    sampling: { ...GREEDY, temperature },
    maxTokens,
    stop: [],
    speculation:
      gamma === 0
        ? { enabled: false, numSpeculativeTokens: 0, method: '' }
        : { enabled: true, numSpeculativeTokens: gamma, method: 'draft_model', controller: 'constant' },
    sessionId,
  };
  const rounds: RoundStats[] = [];
  const askedMs = performance.now();
  let promptTokens: number | undefined;
  try {
    for await (const { round, usage } of client.generate(request, { signal })) {
      if (round !== undefined) rounds.push(round);
      promptTokens = usage?.promptTokens ?? promptTokens;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  const timed = rounds.map((round, i) => ({
    ...round,
    isFirst: i === 0,
    rows: i === 0 ? (promptTokens ?? Number.NaN) - round.cachedTokens : round.drafted + 1,
  }));
  return {
    temperature,
    rounds: timed,
    ms: promptTokens === undefined ? undefined : performance.now() - askedMs,
  };
}
