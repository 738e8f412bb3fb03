import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LimitReason, type RequestLimitSettings, RequestLimits } from './request-limits.js';

const NONE: RequestLimitSettings = {
  maxRequests: undefined,
  maxRequestsPerKey: undefined,
  requestsPerMinute: undefined,
};

function limitsOf(settings: Partial<RequestLimitSettings>) {
  const clock = { ms: 0 };
  const refusals: LimitReason[] = [];
  const limits = new RequestLimits({
    settings: { ...NONE, ...settings },
    now: () => clock.ms,
    onRefused: (reason) => refusals.push(reason),
  });
  return { limits, clock, refusals };
}

test("a tenant's running requests are its own affair, and a released place is free once", () => {
  const { limits, refusals } = limitsOf({ maxRequestsPerKey: 2 });
  const release = limits.admit('a');
  limits.admit('a');
  assert.throws(() => limits.admit('a'), { code: 'rate_limit_exceeded', retryAfterSeconds: 1 });
  limits.admit('b');
  release();
  release();
  limits.admit('a');
  assert.throws(() => limits.admit('a'), { code: 'rate_limit_exceeded' });
  assert.deepEqual(refusals, ['tenant_limit', 'tenant_limit']);
});

test('what runs of all tenants together is bounded by the gateway, whose fault it is', () => {
  const { limits, refusals } = limitsOf({ maxRequests: 2, maxRequestsPerKey: 2 });
  const release = limits.admit('a');
  limits.admit('b');
  assert.throws(() => limits.admit('c'), { code: 'unavailable', retryAfterSeconds: 1 });
  release();
  limits.admit('c');
  assert.deepEqual(refusals, ['overloaded']);
});

test('the rate allows a burst, then one request for each share of the minute', () => {
  const { limits, clock } = limitsOf({ requestsPerMinute: 6 });
  for (let i = 0; i < 6; i++) limits.admit('a')();
  assert.throws(() => limits.admit('a'), { code: 'rate_limit_exceeded', retryAfterSeconds: 10 });
  clock.ms = 4_500;
  assert.throws(() => limits.admit('a'), { retryAfterSeconds: 6 });
  clock.ms = 10_000;
  limits.admit('a');
  assert.throws(() => limits.admit('a'), { retryAfterSeconds: 10 });
  clock.ms = 10_000_000;
  assert.deepEqual(limits.standing('a'), { limit: 6, remaining: 6, resetSeconds: 0 });
});

test('a refused request takes nothing of the rate', () => {
  const { limits } = limitsOf({ requestsPerMinute: 2, maxRequestsPerKey: 1 });
  limits.admit('a');
  for (let i = 0; i < 9; i++) assert.throws(() => limits.admit('a'));
  assert.deepEqual(limits.standing('a'), { limit: 2, remaining: 1, resetSeconds: 30 });
});

test('clients are told the rate, else what may run at once, else nothing', () => {
  const { limits } = limitsOf({ maxRequestsPerKey: 3, maxRequests: 9 });
  limits.admit('a');
  assert.deepEqual(limits.standing('a'), { limit: 3, remaining: 2, resetSeconds: undefined });
  assert.equal(limitsOf({ maxRequests: 1 }).limits.standing('a'), undefined);
});
