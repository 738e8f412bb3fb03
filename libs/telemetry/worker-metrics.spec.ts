import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDraftMetrics, createVerifierMetrics } from './worker-metrics.js';

const USAGE = {
  slots: 2,
  slotBytes: 300,
  blocks: 5,
  blockBytes: 200,
  freeBytes: 100,
  maxBytes: 1000,
  evictedTokens: 64,
};

test('the cache figures are the last ones said, and absent when they cannot be had', async () => {
  const metrics = createVerifierMetrics();
  metrics.prefixCacheQueries.inc(10);
  metrics.prefixCacheHits.inc(7);
  metrics.observeRound({ drafted: 4, accepted: 3 });
  await metrics.render(USAGE);
  const text = await metrics.render({ ...USAGE, evictedTokens: 128 });
  for (const line of [
    'outrider_kv_cache_usage_perc 0.5',
    'outrider_kv_cache_bytes{kind="slots"} 300',
    'outrider_kv_cache_bytes{kind="blocks"} 200',
    'outrider_kv_cache_bytes{kind="free"} 100',
    'outrider_kv_cache_max_bytes 1000',
    'outrider_kv_cache_slots 2',
    'outrider_kv_cache_blocks 5',
    'outrider_kv_cache_evicted_tokens_total 128',
    'outrider_prefix_cache_queries_total 10',
    'outrider_prefix_cache_hits_total 7',
    'outrider_spec_decode_num_accepted_tokens_total 3',
  ])
    assert.ok(text.split('\n').includes(line), line);
  const without = await metrics.render(undefined);
  assert.doesNotMatch(without, /kv_cache_/);
  assert.match(without, /prefix_cache_hits_total 7/);
});

test('every metric is described once', async () => {
  for (const metrics of [createVerifierMetrics(), createDraftMetrics()]) {
    const helps = (await metrics.render(USAGE)).match(/^# HELP \S+/gm)!;
    assert.equal(new Set(helps).size, helps.length);
    assert.ok(helps.every((line) => /^# HELP (outrider|process|nodejs)_/.test(line)));
  }
});
