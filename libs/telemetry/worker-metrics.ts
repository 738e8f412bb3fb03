// The metrics of a verifier's or draft's process, in a registry of its own. Names are those of the gateway's where they
// count the same, and vLLM's where it has them.
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { createSpeculationMetrics, type SpeculationMetrics } from './speculation-metrics.js';

const PREFIX = 'outrider';

/** What an engine says of its memory. */
export interface CacheUsage {
  readonly slots: number;
  readonly slotBytes: number;
  readonly blocks: number;
  readonly blockBytes: number;
  /** Of neither, kept to be used again. */
  readonly freeBytes: number;
  readonly maxBytes: number;
  /** Tokens whose rows were dropped for want of room, since the start. */
  readonly evictedTokens: number;
}

interface WorkerMetrics {
  /** Tokens of sequences that were named whole, and those of them whose rows were there. */
  readonly prefixCacheQueries: Counter;
  readonly prefixCacheHits: Counter;
  /** The Prometheus text. Without a usage, because the model's thread doesn't answer, its figures are left out. */
  render(usage: CacheUsage | undefined): Promise<string>;
}

export interface VerifierMetrics extends WorkerMetrics, SpeculationMetrics {
  readonly generationsRunning: Gauge;
  readonly rounds: Counter;
  readonly generationTokens: Counter;
  /** Of forwards and what belongs to them. */
  readonly verifySeconds: Counter;
}

export interface DraftMetrics extends WorkerMetrics {
  readonly proposals: Counter;
  readonly draftedTokens: Counter;
  readonly sessionsLost: Counter;
  /** Received. */
  readonly featureBytes: Counter;
  readonly draftSeconds: Counter;
}

export function createVerifierMetrics(): VerifierMetrics {
  const register = new Registry();
  const { counter, gauge } = kinds(register);
  return {
    ...createWorkerMetrics(register),
    ...createSpeculationMetrics(PREFIX, register),
    generationsRunning: gauge('num_requests_running', 'Generations under way.'),
    rounds: counter('rounds_total', 'Rounds, with a draft or without.'),
    generationTokens: counter('generation_tokens_total', 'Committed tokens of answers.'),
    verifySeconds: counter('verify_seconds_total', 'Seconds that rounds computed at the target.'),
  };
}

export function createDraftMetrics(): DraftMetrics {
  const register = new Registry();
  const { counter } = kinds(register);
  return {
    ...createWorkerMetrics(register),
    proposals: counter('draft_proposals_total', 'Proposals made.'),
    draftedTokens: counter('drafted_tokens_total', 'Tokens of proposals.'),
    sessionsLost: counter('sessions_lost_total', 'Requests that named a prefix which is not held.'),
    featureBytes: counter('feature_bytes_total', "Bytes of the target's features that were received."),
    draftSeconds: counter('draft_seconds_total', 'Seconds that proposals computed.'),
  };
}

function createWorkerMetrics(register: Registry): WorkerMetrics {
  const { counter } = kinds(register);
  collectDefaultMetrics({ register });
  const usageRegister = new Registry();
  const show = usageGauges(usageRegister);
  return {
    prefixCacheQueries: counter('prefix_cache_queries_total', 'Tokens looked up in a KV cache.'),
    prefixCacheHits: counter('prefix_cache_hits_total', 'Tokens found in a KV cache.'),
    render: async (usage) => {
      if (usage === undefined) return register.metrics();
      show(usage);
      return `${await register.metrics()}\n${await usageRegister.metrics()}`;
    },
  };
}

function usageGauges(register: Registry): (usage: CacheUsage) => void {
  const { counter, gauge } = kinds(register);
  const bytes = new Gauge({
    name: `${PREFIX}_kv_cache_bytes`,
    help: 'Bytes of keys and values: of slots, of what slots have left behind, and free to be used again.',
    labelNames: ['kind'],
    registers: [register],
  });
  const share = gauge('kv_cache_usage_perc', 'Share of the bound that slots and blocks take; 1 is all.');
  const maxBytes = gauge('kv_cache_max_bytes', 'Bound of all keys and values together.');
  const slots = gauge('kv_cache_slots', 'Sequences with a KV cache of their own.');
  const blocks = gauge('kv_cache_blocks', 'Blocks of sequences that slots have left behind.');
  const evicted = counter('kv_cache_evicted_tokens_total', 'Tokens whose rows made room for others.');
  return (usage) => {
    bytes.set({ kind: 'slots' }, usage.slotBytes);
    bytes.set({ kind: 'blocks' }, usage.blockBytes);
    bytes.set({ kind: 'free' }, usage.freeBytes);
    share.set((usage.slotBytes + usage.blockBytes) / usage.maxBytes);
    maxBytes.set(usage.maxBytes);
    slots.set(usage.slots);
    blocks.set(usage.blocks);
    evicted.reset();
    evicted.inc(usage.evictedTokens);
  };
}

function kinds(register: Registry) {
  const registers = [register];
  return {
    counter: (name: string, help: string) => new Counter({ name: `${PREFIX}_${name}`, help, registers }),
    gauge: (name: string, help: string) => new Gauge({ name: `${PREFIX}_${name}`, help, registers }),
  };
}
