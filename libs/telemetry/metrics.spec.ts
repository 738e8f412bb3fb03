import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMetrics, LATENCY_BUCKETS } from './metrics.js';
import { MAX_POSITIONS } from './speculation-metrics.js';

const EXPECTED = [
  'request_success_total',
  'requests_refused_total',
  'prompt_tokens_total',
  'generation_tokens_total',
  'time_to_first_token_seconds',
  'request_time_per_output_token_seconds',
  'inter_token_latency_seconds',
  'e2e_request_latency_seconds',
  'num_requests_running',
  'prefix_cache_queries_total',
  'prefix_cache_hits_total',
  'spec_decode_num_drafts_total',
  'spec_decode_num_draft_tokens_total',
  'spec_decode_num_accepted_tokens_total',
  'spec_decode_num_accepted_tokens_per_pos_total',
  'draft_failures_total',
  'failovers_total',
  'handovers_total',
  'registry_degraded',
];

test('every metric is there from the start, under the prefix', async () => {
  const text = await createMetrics({ prefix: 'swift' }).render();
  for (const name of EXPECTED) assert.ok(text.includes(`# TYPE swift_${name} `), name);
});

test('two processes in one test do not share counters', async () => {
  const [one, two] = [createMetrics(), createMetrics()];
  one.failovers.inc();
  assert.match(await one.render(), /^outrider_failovers_total 1$/m);
  assert.match(await two.render(), /^outrider_failovers_total 0$/m);
});

test('a round counts its draft, its tokens and each accepted position', async () => {
  const metrics = createMetrics();
  metrics.observeRound({ drafted: 4, accepted: 2 });
  metrics.observeRound({ drafted: 4, accepted: 1 });
  const text = await metrics.render();
  assert.match(text, /^outrider_spec_decode_num_drafts_total 2$/m);
  assert.match(text, /^outrider_spec_decode_num_draft_tokens_total 8$/m);
  assert.match(text, /^outrider_spec_decode_num_accepted_tokens_total 3$/m);
  assert.match(text, /per_pos_total\{position="0"\} 2$/m);
  assert.match(text, /per_pos_total\{position="1"\} 1$/m);
  assert.doesNotMatch(text, /per_pos_total\{position="2"\}/);
});

test('a round without a draft counts nothing', async () => {
  const metrics = createMetrics();
  metrics.observeRound({ drafted: 0, accepted: 0 });
  assert.match(await metrics.render(), /^outrider_spec_decode_num_drafts_total 0$/m);
});

test('labels stay bounded, whatever a peer sends', async () => {
  const metrics = createMetrics();
  metrics.draftFailures.inc('x'.repeat(99) as 'other');
  metrics.requestSuccess.inc('__proto__' as 'stop');
  metrics.observeRound({ drafted: 1000, accepted: 1000 });
  const text = await metrics.render();
  assert.match(text, /draft_failures_total\{reason="other"\} 1$/m);
  assert.match(text, /request_success_total\{finished_reason="other"\} 1$/m);
  assert.equal(text.match(/per_pos_total\{/g)?.length, MAX_POSITIONS);
});

test('reasons that have not happened yet read zero', async () => {
  assert.match(await createMetrics().render(), /draft_failures_total\{reason="unavailable"\} 0$/m);
});

test('latency buckets rise from a millisecond to over a minute', () => {
  assert.equal(LATENCY_BUCKETS[0], 0.001);
  assert.equal(LATENCY_BUCKETS.at(-1), 81.92);
  for (let i = 1; i < LATENCY_BUCKETS.length; i++) assert.ok(LATENCY_BUCKETS[i]! > LATENCY_BUCKETS[i - 1]!);
});

test('process metrics are there when asked for', async () => {
  assert.match(await createMetrics({ processMetrics: true }).render(), /^process_resident_memory_bytes /m);
});
