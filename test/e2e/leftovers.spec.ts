// The short form of `npm run bench -- soak`: sessions that finish and sessions that hang up leave nothing behind.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gatewayCounters, metricSums } from '../../bench/load/gateway-counters.js';
import { processUsage } from '../../bench/load/process-usage.js';
import { type Observed, traffic } from '../../bench/load/traffic.js';
import { startTestStack, type TestStack } from '../support/test-stack.js';
import { until } from '../support/until.js';

const ROLES = ['gateway', 'verifier', 'draft'] as const;
const LIMIT_MS = 120_000;
const KV_BYTES = 128 * 2 ** 20;

let stack: TestStack;

before(async () => {
  stack = await startTestStack({ OUTRIDER_KV_BYTES: String(KV_BYTES) });
});
after(() => stack?.stop());

/** Some finish, those still running are cut off. */
async function load(sessions: number, finished: number, name: string): Promise<readonly Observed[]> {
  const stop = new AbortController();
  const target = { url: stack.url, model: 'smollm2-135m-instruct', speculation: { enabled: true } };
  const { observed, done } = traffic({ sessions }, { target, maxTokens: 12, seed: 1, name }, stop.signal);
  const ends = () => observed.filter(({ end }) => end !== undefined).length;
  await until(`${finished} requests have ended`, () => ends() >= finished, LIMIT_MS);
  stop.abort();
  await done;
  await until('the gateway is idle', async () => (await gatewayCounters(stack.url)).running === 0, LIMIT_MS);
  return observed;
}

function openFiles(): number[] {
  return ROLES.map((role) => processUsage(stack.pid(role)!).openFiles);
}

/** Of the workers: generations under way, and bytes of keys and values. */
async function held(role: 'verifier' | 'draft'): Promise<{ running: number; kvBytes: number }> {
  const names = ['kv_cache_bytes', ...(role === 'verifier' ? ['num_requests_running'] : [])];
  const sums = await metricSums(stack.probes[role], names);
  return { running: sums.get('num_requests_running') ?? 0, kvBytes: sums.get('kv_cache_bytes')! };
}

test('sessions that finish and sessions that hang up leave no file and no socket open', async () => {
  await load(2, 2, 'first');
  const baseline = openFiles();
  const observed = await load(6, 8, 'second');
  const failures = observed.flatMap(({ end }) => (end?.kind === 'failed' ? [end.reason] : []));
  assert.deepEqual(failures, []);
  assert.ok(
    observed.some(({ end }) => end === undefined),
    'some were cut off',
  );
  await until(
    'all processes hold as many files as before',
    () => openFiles().every((count, i) => count <= baseline[i]!),
    LIMIT_MS,
  );
  await until('the verifier is idle', async () => (await held('verifier')).running === 0, LIMIT_MS);
  for (const role of ['verifier', 'draft'] as const) {
    const { kvBytes } = await held(role);
    assert.ok(kvBytes > 0 && kvBytes <= KV_BYTES, `the ${role} holds ${kvBytes} bytes of keys and values`);
  }
  assert.deepEqual(stack.restarts, []);
});
