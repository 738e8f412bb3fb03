import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { AppError } from '#libs/errors/index.js';
import { Admission } from './admission.js';
import { type LimitReason, NO_LIMITS, type RequestLimitSettings } from './limit-settings.js';
import type { Visit, VisitDemand } from './visit.js';

const never = new AbortController().signal;

function admissionUnderTest(t: TestContext, settings: Partial<RequestLimitSettings>) {
  const clock = { ms: 0 };
  const refusals: LimitReason[] = [];
  const visits: Visit[] = [];
  let waiting = 0;
  const admission = new Admission({
    settings: { ...NO_LIMITS, maxQueue: 100, ...settings },
    now: () => clock.ms,
    onRefused: (reason) => refusals.push(reason),
    onWaiting: (choices) => {
      waiting = choices;
    },
  });
  const arrive = (tenant: string, demand: Partial<VisitDemand> = {}) => {
    const visit = admission.arrive(tenant, { choices: 1, numRequests: 1, priority: 0, ...demand });
    visits.push(visit);
    return visit;
  };
  // Those that still wait have timers.
  t.after(() => giveUpAll(visits));
  const order: string[] = [];
  /** Arrives and waits; its name is in `order` once it has its places. */
  const queue = (name: string, tenant = 't', demand: Partial<VisitDemand> = {}, tokens = 1) => {
    const visit = arrive(tenant, demand);
    const admitted = visit.admitted(tokens, never).then(() => order.push(name));
    admitted.catch(() => {});
    return visit;
  };
  return { admission, arrive, queue, order, clock, refusals, waiting: () => waiting };
}

/** From the last, so that none gets its turn. */
function giveUpAll(visits: readonly Visit[]): void {
  for (const visit of [...visits].reverse()) visit.leave();
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("a tenant's choices under way are its own affair, and a place given back is free once", (t) => {
  const { arrive, refusals } = admissionUnderTest(t, { maxRequestsPerKey: 2 });
  const visit = arrive('a');
  arrive('a');
  assert.throws(() => arrive('a'), { code: 'rate_limit_exceeded', retryAfterSeconds: 1 });
  arrive('b', { choices: 2 });
  assert.throws(() => arrive('b'), { code: 'rate_limit_exceeded' });
  assert.throws(() => arrive('c', { choices: 3 }), { code: 'invalid_argument', field: 'n' });
  visit.leave();
  visit.leave();
  arrive('a');
  assert.throws(() => arrive('a'), { code: 'rate_limit_exceeded' });
  assert.deepEqual(refusals, ['tenant_limit', 'tenant_limit', 'tenant_limit']);
});

test('of a rate of tokens, prompt and what may come are taken when a request is admitted, and come back with time', async (t) => {
  const { arrive, admission, clock, refusals } = admissionUnderTest(t, { tokensPerMinute: 600 });
  const visit = arrive('a');
  await visit.admitted(500, never);
  visit.leave();
  assert.deepEqual(admission.standing('a').tokens, { limit: 600, remaining: 100, resetSeconds: 50 });
  const refused = arrive('a');
  await assert.rejects(refused.admitted(150, never), { code: 'rate_limit_exceeded', retryAfterSeconds: 5 });
  await arrive('b').admitted(600, never);
  clock.ms = 5000;
  await arrive('a').admitted(150, never);
  await assert.rejects(arrive('c').admitted(601, never), { code: 'invalid_argument', field: 'max_tokens' });
  assert.deepEqual(refusals, ['rate_limit']);
});

test('tokens are counted with all choices, and given back', async (t) => {
  const { arrive, admission, refusals } = admissionUnderTest(t, { maxTokensPerKey: 100 });
  const visit = arrive('a');
  await visit.admitted(80, never);
  const { limit, remaining } = admission.standing('a').tokens!;
  assert.deepEqual([limit, remaining], [100, 20]);
  const refused = arrive('a');
  await assert.rejects(refused.admitted(21, never), { code: 'rate_limit_exceeded', retryAfterSeconds: 1 });
  refused.leave();
  const huge = arrive('a');
  await assert.rejects(huge.admitted(101, never), { code: 'invalid_argument', field: 'max_tokens' });
  huge.leave();
  visit.leave();
  await arrive('a').admitted(100, never);
  assert.deepEqual(refusals, ['token_limit']);
});

test('the rate allows a burst, then one request for each share of the minute; a refused one takes nothing', (t) => {
  const { arrive, admission, clock } = admissionUnderTest(t, { requestsPerMinute: 6 });
  for (let i = 0; i < 6; i++) arrive('a').leave();
  assert.throws(() => arrive('a'), { code: 'rate_limit_exceeded', retryAfterSeconds: 10 });
  assert.throws(() => arrive('a', { numRequests: 2 }), { retryAfterSeconds: 20 });
  assert.throws(() => arrive('a', { numRequests: 7 }), { code: 'invalid_argument', field: 'prompt' });
  clock.ms = 10_000;
  arrive('a').leave();
  assert.throws(() => arrive('a'), { retryAfterSeconds: 10 });
  clock.ms = 10_000_000;
  assert.deepEqual(admission.standing('a').requests, { limit: 6, remaining: 6, resetSeconds: 0 });
});

test('clients are told the rate, else what may be under way at once, else nothing', (t) => {
  const { arrive, admission } = admissionUnderTest(t, { maxRequestsPerKey: 3 });
  arrive('a');
  assert.deepEqual(admission.standing('a').requests, { limit: 3, remaining: 2, resetSeconds: undefined });
  assert.deepEqual(admissionUnderTest(t, {}).admission.standing('a'), {
    requests: undefined,
    tokens: undefined,
  });
});

test('who finds no place waits for one; a full queue is refused at once', async (t) => {
  const { queue, order, arrive, refusals, waiting } = admissionUnderTest(t, { maxRequests: 2, maxQueue: 2 });
  const first = queue('first');
  queue('second');
  queue('third');
  const fourth = queue('fourth');
  assert.throws(() => arrive('t'), { code: 'unavailable', retryAfterSeconds: 1 });
  assert.deepEqual(refusals, ['overloaded']);
  await turn();
  assert.deepEqual(order, ['first', 'second']);
  assert.equal(waiting(), 2);
  // Who leaves the queue frees its place there.
  fourth.leave();
  queue('fifth');
  first.leave();
  await turn();
  assert.deepEqual(order, ['first', 'second', 'third']);
  assert.equal(waiting(), 1);
});

test('the more urgent goes first, and tenants take turns however many wait', async (t) => {
  const bestPriorities = new Map([['vip', -10]]);
  const { queue, order, arrive } = admissionUnderTest(t, { maxRequests: 1, bestPriorities });
  let running = queue('running');
  const visits = ['a1', 'a2', 'a3'].map((name) => queue(name, 'a', {}, 10));
  visits.push(
    queue('b1', 'b', {}, 10),
    queue('patient', 'c', { priority: 5 }),
    queue('vip', 'vip', { priority: -10 }),
  );
  assert.throws(() => arrive('a', { priority: -1 }), { code: 'invalid_argument', field: 'priority' });
  for (let i = 0; i < 6; i++) {
    running.leave();
    await turn();
    const names = ['a1', 'a2', 'a3', 'b1', 'patient', 'vip'];
    running = visits[names.indexOf(order.at(-1)!)]!;
  }
  assert.deepEqual(order, ['running', 'vip', 'a1', 'b1', 'a2', 'a3', 'patient']);
});

test('several choices wait until there are places for all of them, and are not overtaken', async (t) => {
  const { queue, order, arrive } = admissionUnderTest(t, { maxRequests: 3 });
  const running = [queue('a'), queue('b'), queue('c')];
  queue('three', 't', { choices: 3 });
  queue('one');
  assert.throws(() => arrive('t', { choices: 4 }), { code: 'invalid_argument', field: 'n' });
  running[0]!.leave();
  running[1]!.leave();
  await turn();
  assert.deepEqual(order, ['a', 'b', 'c']);
  running[2]!.leave();
  await turn();
  assert.deepEqual(order, ['a', 'b', 'c', 'three']);
});

test('an aborted wait ends with the reason of the abort, and a long one in the end', async (t) => {
  const { arrive, waiting } = admissionUnderTest(t, { maxRequests: 1, maxQueueMs: 20 });
  const running = arrive('t');
  await running.admitted(1, never);
  const controller = new AbortController();
  const left = arrive('t').admitted(1, controller.signal);
  controller.abort(new Error('left'));
  await assert.rejects(left, { message: 'left' });
  assert.equal(waiting(), 0);
  await assert.rejects(arrive('t').admitted(1, never), { code: 'unavailable', retryAfterSeconds: 1 });
  assert.equal(waiting(), 0);
  running.leave();
  assert.equal(await arrive('t').admitted(1, never), 0);
});

test('who would wait too long by what the last ones took hears it at once', async (t) => {
  const { arrive, queue, clock } = admissionUnderTest(t, { maxRequests: 2, maxQueueMs: 10_000 });
  const past = arrive('t');
  await past.admitted(1, never);
  clock.ms = 8_000;
  past.leave();
  queue('a');
  queue('b');
  // Each place is kept for 8 s, so one of the two is free every 4 s.
  assert.throws(() => arrive('t', { timeoutMs: 3_000 }), { code: 'unavailable' });
  queue('c', 't', { timeoutMs: 5_000 });
  queue('d');
  assert.throws(
    () => arrive('t'),
    ({ code, retryAfterSeconds }: AppError) => code === 'unavailable' && retryAfterSeconds === 4,
  );
});

test('without a limit nobody waits', async (t) => {
  const { arrive } = admissionUnderTest(t, {});
  for (let i = 0; i < 100; i++) assert.equal(await arrive('t').admitted(1, never), 0);
});
