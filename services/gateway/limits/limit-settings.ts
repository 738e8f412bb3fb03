// What an operator may bound. Undefined: no limit.

export interface RequestLimitSettings {
  /** Choices generated at once, all tenants together. */
  readonly maxRequests: number | undefined;
  /** Choices that may wait for a place beyond these. */
  readonly maxQueue: number;
  /** Longest wait for a place. */
  readonly maxQueueMs: number;
  /** Choices of one tenant, running or waiting. */
  readonly maxRequestsPerKey: number | undefined;
  /** Tokens of one tenant's choices, running or waiting: prompt and what may be generated. */
  readonly maxTokensPerKey: number | undefined;
  /** Requests of one tenant begun in a minute; so many may come in one burst. */
  readonly requestsPerMinute: number | undefined;
  /** Tokens of one tenant's requests admitted in a minute, prompt and what may be generated; so many may come in one burst. */
  readonly tokensPerMinute: number | undefined;
  /** The most urgent priority that a tenant may ask for; those not listed: 0. */
  readonly bestPriorities: ReadonlyMap<string, number>;
}

/** For tests and tools: nothing is bounded, and nobody waits. */
export const NO_LIMITS: RequestLimitSettings = {
  maxRequests: undefined,
  maxQueue: 0,
  maxQueueMs: 30_000,
  maxRequestsPerKey: undefined,
  maxTokensPerKey: undefined,
  requestsPerMinute: undefined,
  tokensPerMinute: undefined,
  bestPriorities: new Map(),
};

/** Why a request was turned away. */
export type LimitReason = 'tenant_limit' | 'token_limit' | 'rate_limit' | 'overloaded' | 'deadline';
