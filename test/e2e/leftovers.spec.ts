// The short form of `npm run bench -- soak`: sessions that finish and sessions that hang up leave nothing behind.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gatewayCounters } from '../../bench/load/gateway-counters.js';
import { processUsage } from '../../bench/load/process-usage.js';
import { type Observed, traffic } from '../../bench/load/traffic.js';
import { startTestStack, type TestStack } from '../support/test-stack.js';
import { until } from '../support/until.js';

const ROLES = ['gateway', 'verifier', 'draft'] as const;
const LIMIT_MS = 120_000;

let stack: TestStack;

before(async () => {
  stack = await startTestStack();
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
  assert.deepEqual(stack.restarts, []);
});
