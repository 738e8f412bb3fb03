import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CircuitBreaker } from './circuit-breaker.js';

function setUp() {
  const clock = { ms: 0 };
  const now = () => clock.ms;
  return { clock, breaker: new CircuitBreaker({ cooldownMs: 100, maxCooldownMs: 400, now }) };
}

test('an endpoint without trouble is admitted', () => {
  assert.equal(setUp().breaker.admits('a'), true);
});

test('a failure keeps all away for the cool-down, then lets one probe through', () => {
  const { clock, breaker } = setUp();
  breaker.failed('a', 0);
  assert.equal(breaker.admits('a'), false);
  assert.equal(breaker.admits('b'), true);
  clock.ms = 100;
  assert.equal(breaker.admits('a'), true);
  assert.equal(breaker.admits('a'), false, 'the probe is under way');
  breaker.succeeded('a');
  assert.equal(breaker.admits('a'), true);
});

test('a probe that fails doubles the cool-down, up to its maximum', () => {
  const { clock, breaker } = setUp();
  const waits: number[] = [];
  for (let i = 0; i < 4; i++) {
    const failedAt = clock.ms;
    breaker.failed('a', failedAt);
    while (!breaker.admits('a')) clock.ms += 50;
    waits.push(clock.ms - failedAt);
  }
  assert.deepEqual(waits, [100, 200, 400, 400]);
});

test('a hundred streams that die together count as one failure', () => {
  const { clock, breaker } = setUp();
  clock.ms = 10;
  for (let i = 0; i < 100; i++) breaker.failed('a', i % 10);
  clock.ms = 110;
  assert.equal(breaker.admits('a'), true);
});
