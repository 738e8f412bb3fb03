// Counters that processes show at /metrics. The gateway's are exact sums over everything that reached a client, whoever
// asked for it.

export interface GatewayCounters {
  readonly tokens: number;
  /** Rounds that brought a token. */
  readonly rounds: number;
  readonly draftedRounds: number;
  readonly drafted: number;
  readonly accepted: number;
  readonly draftFailures: number;
  readonly running: number;
}

const NAMES: Readonly<Record<keyof GatewayCounters, readonly string[]>> = {
  tokens: ['generation_tokens_total'],
  rounds: ['time_to_first_token_seconds_count', 'inter_token_latency_seconds_count'],
  draftedRounds: ['spec_decode_num_drafts_total'],
  drafted: ['spec_decode_num_draft_tokens_total'],
  accepted: ['spec_decode_num_accepted_tokens_total'],
  draftFailures: ['draft_failures_total'],
  running: ['num_requests_running'],
};

export async function gatewayCounters(url: string): Promise<GatewayCounters> {
  const entries = Object.entries(NAMES) as [keyof GatewayCounters, readonly string[]][];
  const sums = await metricSums(
    url,
    entries.flatMap(([, names]) => names),
  );
  return Object.fromEntries(
    entries.map(([key, names]) => [key, names.reduce((sum, name) => sum + sums.get(name)!, 0)]),
  ) as unknown as GatewayCounters;
}

/** Of each metric (without our prefix), its series added up. @throws Error if one isn't shown. */
export async function metricSums(url: string, names: readonly string[]): Promise<Map<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const sums = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, name, value] = /^outrider_(\w+)(?:\{[^}]*\})? (\S+)$/.exec(line) ?? [];
    if (name !== undefined) sums.set(name, (sums.get(name) ?? 0) + Number(value));
  }
  const missing = names.find((name) => !sums.has(name));
  if (missing !== undefined) throw new Error(`${url}/metrics has no outrider_${missing}.`);
  return sums;
}

export function difference(after: GatewayCounters, before: GatewayCounters): GatewayCounters {
  return Object.fromEntries(
    Object.entries(after).map(([key, value]) => [key, value - before[key as keyof GatewayCounters]]),
  ) as unknown as GatewayCounters;
}
