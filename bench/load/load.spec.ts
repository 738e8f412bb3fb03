import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createMetrics } from '#libs/telemetry/index.js';
import { lineChart } from '../line-chart.js';
import { closedPlans } from './cell-plans.js';
import { latenciesOf } from './latencies.js';
import { lawTokensPerSecond } from './law.js';
import { processUsage } from './process-usage.js';
import { MIX, mixedRequests, poissonGaps } from './prompt-mix.js';
import type { Observed } from './traffic.js';

function take<Item>(items: Iterator<Item>, count: number): Item[] {
  return Array.from({ length: count }, () => items.next().value as Item);
}

test('the same seed asks the same, another seed something else, and some prompts are long', () => {
  const [one, again, other] = [1, 1, 2].map((seed) => take(mixedRequests(seed, 64, MIX), 50));
  assert.deepEqual(one, again);
  assert.notDeepEqual(one, other);
  const long = one!.filter(({ parts, system }) => parts.length > (system === undefined ? 1 : 2)).length;
  assert.ok(long > 0 && long < 25, `${long} of 50`);
  const shared = one!.filter(({ system }) => system !== undefined);
  assert.ok(shared.length > 10 && new Set(shared.map(({ system }) => system)).size === 2);
});

test('arrivals come at the rate asked for, at random', () => {
  const gaps = take(poissonGaps(1, 20), 20_000);
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  assert.ok(Math.abs(mean / 50 - 1) < 0.03, `${mean}`);
  const longer = gaps.filter((gap) => gap > 50).length / gaps.length;
  assert.ok(Math.abs(longer - Math.exp(-1)) < 0.02, `${longer}`);
});

test('each load is measured plain and speculative, within the time given', () => {
  const plans = closedPlans({ minutes: 5, sessions: [1, 128], repeats: 1, open: true });
  assert.deepEqual(
    plans.map(({ mode }) => mode),
    ['plain', 'speculative', 'speculative', 'plain'],
  );
  const totalMs = plans.reduce((sum, { warmUpMs, windowMs }) => sum + warmUpMs + windowMs, 0);
  assert.ok(totalMs < 5 * 60_000);
});

test('latencies count what happened in the window only', () => {
  const whole: Observed = {
    sessionId: 'a',
    startMs: 90,
    pieceMs: [110, 120, 140],
    end: { kind: 'finished', tokens: 7, sums: {} as never },
    endMs: 141,
  };
  const cut: Observed = { sessionId: 'b', startMs: 80, pieceMs: [95, 115, 205] };
  const { firstMs, tokenMs, pieceMs, meanTokenMs } = latenciesOf([whole, cut], { fromMs: 100, toMs: 200 });
  assert.deepEqual([firstMs.p50, firstMs.count], [20, 1]);
  assert.deepEqual([tokenMs.p50, meanTokenMs], [5, 5]);
  assert.deepEqual([pieceMs.p50, pieceMs.count], [15, 2]);
});

test('a session waits for its own draft and forward, many wait for the verifier', () => {
  const round = { draftComputeMs: 2, verifyComputeMs: 8, batchSize: 1 };
  assert.equal(lawTokensPerSecond(1, 2, round), 200);
  assert.equal(lawTokensPerSecond(10, 2, round), 250);
  assert.equal(lawTokensPerSecond(10, 2, { ...round, batchSize: 3 }), 750);
});

test('what a process uses is read from the kernel', () => {
  const { rssBytes, openFiles, threads, cpuMs } = processUsage(process.pid);
  assert.ok(rssBytes > 2 ** 20 && openFiles > 2 && threads > 1 && cpuMs > 0);
});

test('the counters that the bench reads exist in the gateway', async () => {
  const text = await createMetrics().render();
  const source = readFileSync(new URL('./gateway-counters.js', import.meta.url), 'utf8');
  for (const [, name] of source.matchAll(/'(\w+_(?:total|count|running))'/g))
    assert.ok(text.includes(`outrider_${name!.replace(/_count$/, '')}`), name);
});

test('a chart draws each series, and escapes names', () => {
  const points = [1, 10, 100].map((x) => ({ x, y: 2 * x }));
  const options = { title: 'a < b', xLabel: 'x', yLabel: 'y', isLogY: true };
  const svg = lineChart([{ name: 'one', points, colour: '#000' }], options);
  assert.match(svg, /<polyline points="64,312 /);
  assert.match(svg, /a &#60; b/);
});
