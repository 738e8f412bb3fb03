// Clients that hang up at random moments: while they wait, while their prompt is read, mid-stream. Nothing of them is left.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { NO_LIMITS } from '#services/gateway/limits/limit-settings.js';
import { gatewayUnderTest } from '../support/gateway-harness.js';
import { until } from '../support/until.js';

const CLIENTS = 240;

/** xorshift32: the same storm every time. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % sides;
  };
}

test('an abort storm leaves no slot, queue entry or stream behind', async (t) => {
  const limits = { ...NO_LIMITS, maxRequests: 16, maxQueue: CLIENTS * 2 };
  const under = await gatewayUnderTest(t, { limits });
  const verifier = under.verifiers[0]!;
  verifier.roundDelayMs = 5;
  const roll = dice(11);
  const storm = Array.from({ length: CLIENTS }, async () => {
    const [startMs, stayMs, stream, n] = [roll(300), roll(400), roll(3) > 0, 1 + roll(2)];
    await sleep(startMs);
    const leave = AbortSignal.timeout(stayMs);
    try {
      const response = await fetch(`${under.url}/v1/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'tiny', prompt: 'Hello', max_tokens: 60, n, stream }),
        signal: leave,
      });
      await response.text();
      return response.status;
    } catch {
      return 'left';
    }
  });
  const outcomes = new Set(await Promise.all(storm));
  assert.ok(outcomes.has('left'));
  for (const outcome of outcomes) assert.ok(outcome === 'left' || outcome === 200, String(outcome));
  await until('nobody runs', async () => /num_requests_running 0/.test(await under.metrics.render()));
  await until('nobody waits', async () => /num_requests_waiting 0/.test(await under.metrics.render()));
  await until('the verifier has no calls', () => verifier.running === 0);
  await until('no answer is open', () => under.gateway.openAnswers() === 0);
  verifier.roundDelayMs = 0;
  const answers = await Promise.all(
    Array.from({ length: 16 }, () =>
      under.client.completions.create({ model: 'tiny', prompt: 'Hi', max_tokens: 8 }),
    ),
  );
  assert.ok(answers.every(({ usage }) => usage?.completion_tokens === 8));
});
