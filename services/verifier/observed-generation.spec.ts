import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GenerateResponse } from '#libs/rpc/index.js';
import { createVerifierMetrics } from '#libs/telemetry/index.js';
import { observed } from './observed-generation.js';

const ROUND: GenerateResponse['round'] = {
  drafted: 4,
  accepted: 3,
  draftMs: 1,
  verifyMs: 2,
  totalMs: 3,
  draftComputeMs: 1,
  verifyComputeMs: 500,
  cachedTokens: 0,
};

async function* responses(): AsyncGenerator<GenerateResponse> {
  yield { tokens: [1], round: { ...ROUND, drafted: 0, accepted: 0, cachedTokens: 7 } };
  yield { tokens: [2, 3, 4, 5], round: ROUND };
  yield {
    tokens: [6],
    round: { ...ROUND, drafted: 0, accepted: 0, draftFailure: 'unavailable: it is gone' },
  };
}

test('a generation is counted as its rounds come, and its prompt once', async () => {
  const metrics = createVerifierMetrics();
  const seen: number[] = [];
  for await (const { tokens } of observed(responses(), { tokens: Array(10).fill(9) }, metrics)) {
    seen.push(...tokens);
    assert.match(await metrics.render(undefined), /num_requests_running 1/);
  }
  assert.deepEqual(seen, [1, 2, 3, 4, 5, 6]);
  const text = await metrics.render(undefined);
  for (const line of [
    'num_requests_running 0',
    'rounds_total 3',
    'generation_tokens_total 6',
    'verify_seconds_total 1.5',
    'prefix_cache_queries_total 10',
    'prefix_cache_hits_total 7',
    'spec_decode_num_draft_tokens_total 4',
    'spec_decode_num_accepted_tokens_total 3',
    'draft_failures_total{reason="unavailable"} 1',
  ])
    assert.ok(text.split('\n').includes(`outrider_${line}`), line);
});

test('a generation that is left, or fails, runs no more', async () => {
  const metrics = createVerifierMetrics();
  for await (const _ of observed(responses(), { tokens: [1] }, metrics)) break;
  async function* failing(): AsyncGenerator<GenerateResponse> {
    yield* responses();
    throw new Error('gone');
  }
  await assert.rejects(async () => {
    for await (const _ of observed(failing(), { tokens: [1] }, metrics));
  }, /gone/);
  assert.match(await metrics.render(undefined), /num_requests_running 0/);
});
