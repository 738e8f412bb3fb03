// The metrics of one process, in its own registry, with the names that operators of such servers expect
// (vLLM's suffixes behind our prefix). Gateways fill the request metrics, verifiers the speculative and cache ones.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { BoundedCounter } from './bounded-counter.js';
import { createSpeculationMetrics, type SpeculationMetrics } from './speculation-metrics.js';

/** OpenAI's finish reasons that we send, and how else a request ends. */
export const FINISHED_REASONS = ['stop', 'length', 'abort', 'error'] as const;
export type FinishedReason = (typeof FINISHED_REASONS)[number];

/** Why a request was turned away before it began. */
export const REFUSAL_REASONS = [
  'invalid_api_key',
  'tenant_limit',
  'token_limit',
  'rate_limit',
  'overloaded',
  'deadline',
] as const;
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** What was found under the idempotency keys of requests. */
export const KEY_STANDINGS = ['started', 'resumed', 'attached', 'complete'] as const;
export type KeyStanding = (typeof KEY_STANDINGS)[number];

/** Seconds, 1 ms … 82 s, doubling from 5 ms: fine enough for a token, wide enough for a whole answer. */
export const LATENCY_BUCKETS: readonly number[] = [
  0.001,
  0.0025,
  ...Array.from({ length: 15 }, (_, doubling) => (5 * 2 ** doubling) / 1000),
];

export interface MetricsOptions {
  /** Default "outrider". */
  readonly prefix?: string;
  /** Also report memory, CPU, event loop lag and garbage collection of the process. Default false. */
  readonly processMetrics?: boolean;
}

export interface Metrics extends SpeculationMetrics {
  readonly register: Registry;
  readonly requestSuccess: BoundedCounter<FinishedReason>;
  readonly requestsRefused: BoundedCounter<RefusalReason>;
  /** Requests with an idempotency key; resumed ones count again when they take over midway. */
  readonly idempotentRequests: BoundedCounter<KeyStanding>;
  readonly promptTokens: Counter;
  readonly generationTokens: Counter;
  readonly timeToFirstToken: Histogram;
  /** Mean time a token of one request, first token excluded: the figure to compare under speculation. */
  readonly timePerOutputToken: Histogram;
  /** Time between two chunks of one stream; a chunk may hold several tokens. */
  readonly interTokenLatency: Histogram;
  readonly e2eRequestLatency: Histogram;
  readonly requestsRunning: Gauge;
  /** Those that have arrived and have no place yet. */
  readonly requestsWaiting: Gauge;
  /** Seconds from arrival, prompt read, to a place. */
  readonly requestQueueTime: Histogram;
  /** Tokens looked up in, and found in, a slot's KV cache. */
  readonly prefixCacheQueries: Counter;
  readonly prefixCacheHits: Counter;
  /** Generations that went on at another verifier. */
  readonly failovers: Counter;
  /** 1 while the registry or the pins can't be read and the last known answer is used. */
  readonly registryDegraded: Gauge;
  /** The Prometheus text of everything above. */
  render(): Promise<string>;
}

export function createMetrics({ prefix = 'outrider', processMetrics = false }: MetricsOptions = {}): Metrics {
  const register = new Registry();
  const registers = [register];
  const counter = (name: string, help: string) => new Counter({ name: `${prefix}_${name}`, help, registers });
  const gauge = (name: string, help: string) => new Gauge({ name: `${prefix}_${name}`, help, registers });
  const seconds = (name: string, help: string) =>
    new Histogram({ name: `${prefix}_${name}`, help, buckets: [...LATENCY_BUCKETS], registers });
  if (processMetrics) collectDefaultMetrics({ register });
  return {
    register,
    render: () => register.metrics(),
    requestSuccess: new BoundedCounter({
      name: `${prefix}_request_success_total`,
      help: 'Requests that ended, by reason.',
      labelName: 'finished_reason',
      values: FINISHED_REASONS,
      register,
    }),
    requestsRefused: new BoundedCounter({
      name: `${prefix}_requests_refused_total`,
      help: 'Requests turned away before they began, by reason.',
      labelName: 'reason',
      values: REFUSAL_REASONS,
      register,
    }),
    idempotentRequests: new BoundedCounter({
      name: `${prefix}_idempotent_requests_total`,
      help: 'Requests with an idempotency key, by what was found under it.',
      labelName: 'standing',
      values: KEY_STANDINGS,
      register,
    }),
    promptTokens: counter('prompt_tokens_total', 'Prompt tokens of requests.'),
    generationTokens: counter('generation_tokens_total', 'Committed tokens of answers.'),
    timeToFirstToken: seconds('time_to_first_token_seconds', 'From arrival of a request to its first token.'),
    timePerOutputToken: seconds(
      'request_time_per_output_token_seconds',
      'Mean time a token of one request, first token excluded.',
    ),
    interTokenLatency: seconds('inter_token_latency_seconds', 'Between two chunks of one stream.'),
    e2eRequestLatency: seconds('e2e_request_latency_seconds', 'From arrival of a request to its end.'),
    requestsRunning: gauge('num_requests_running', 'Requests being answered now.'),
    requestsWaiting: gauge('num_requests_waiting', 'Requests that wait for a place.'),
    requestQueueTime: seconds('request_queue_time_seconds', 'What requests waited for their places.'),
    prefixCacheQueries: counter('prefix_cache_queries_total', 'Tokens looked up in a KV cache.'),
    prefixCacheHits: counter('prefix_cache_hits_total', 'Tokens found in a KV cache.'),
    failovers: counter('failovers_total', 'Generations that went on at another verifier.'),
    registryDegraded: gauge('registry_degraded', '1 while the last known workers or no pins are used.'),
    ...createSpeculationMetrics(prefix, register),
  };
}
