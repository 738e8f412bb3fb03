// What becomes of registry and pins when Redis is killed, emptied, frozen, restarted, or refuses us.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openSession } from '#libs/session/index.js';
import { startRedis, type TestRedis } from '../support/redis.js';
import { FAST, freshNamespace, open, withAdmin, withSessions } from '../support/redis-sessions.js';
import { claimOf, worker } from '../support/session-contract.js';
import { until } from '../support/until.js';

let redis: TestRedis;
before(async () => {
  redis = await startRedis();
});
after(() => redis.stop());

test('Redis killed: the last answer stands, pins are done without, each is told once; restarted: all converges', async () => {
  await withSessions(redis.url, 2, async ({ sessions: [gateway, verifier], namespace, events }) => {
    await verifier!.registry.register(worker('verifier-a'));
    await verifier!.registry.register(worker('verifier-b'));
    await until('both are seen', () => gateway!.registry.workers('verifier').length === 2);
    const pinned = await gateway!.router.route('s');

    await redis.kill();
    await until('the outage is noticed', () => events.includes('registry true'));
    const during = await gateway!.router.route('s');
    assert.equal(during.generation, 0n);
    assert.equal(gateway!.registry.workers('verifier').length, 2);
    await sleep(1.5 * FAST.ttlMs);
    assert.equal(gateway!.registry.workers('verifier').length, 2, 'nobody expires while Redis is away');
    const late = await open(redis.url, 'late');
    assert.deepEqual(late.registry.workers('verifier'), []);
    await late.close();

    await redis.restart();
    let fewest = 2;
    await until('the registry is back', () => {
      fewest = Math.min(fewest, gateway!.registry.workers('verifier').length);
      return events.includes('registry false');
    });
    await until('a newcomer sees both', async () => {
      fewest = Math.min(fewest, gateway!.registry.workers('verifier').length);
      const newcomer = await open(redis.url, namespace);
      const seen = newcomer.registry.workers('verifier').length;
      await newcomer.close();
      return seen === 2;
    });
    assert.equal(fewest, 2, 'an emptied Redis makes no worker vanish');
    await until('pins are back', async () => (await gateway!.router.route('s')).generation > 0n);
    assert.ok((await gateway!.router.route('s')).generation > pinned.generation, 'fencing survives the loss');
    assert.deepEqual(events.filter((event) => event === 'registry true').length, 1);
    assert.deepEqual(
      events.filter((event) => event.startsWith('pins')),
      ['pins true', 'pins false'],
    );
  });
});

test('Redis emptied without a disconnection: workers stay known and write themselves back', async () => {
  await withSessions(redis.url, 2, async ({ sessions: [gateway, verifier], namespace }) => {
    await verifier!.registry.register(worker('verifier-a'));
    await until('it is seen', () => gateway!.registry.workers('verifier').length === 1);
    await withAdmin(redis.url, async (admin) => {
      await admin.flushall();
      await until('it is written back', async () => {
        assert.equal(gateway!.registry.workers('verifier').length, 1);
        return (await admin.exists(`${namespace}:{workers}:verifier:verifier-a`)) === 1;
      });
    });
    assert.equal(gateway!.registry.workers('verifier').length, 1);
  });
});

test('Redis frozen: a claim fails with unavailable instead of hanging, and works again after', async () => {
  await withSessions(redis.url, 1, async ({ sessions: [session] }) => {
    await session!.store.claim(claimOf('s', 'v1'));
    redis.freeze();
    try {
      await assert.rejects(session!.store.claim(claimOf('s', 'v1')), { code: 'unavailable' });
    } finally {
      redis.thaw();
    }
    await until('it answers again', () =>
      session!.store.claim(claimOf('s', 'v1')).then(
        () => true,
        () => false,
      ),
    );
  });
});

test('a refused password is named as the reason, and appears nowhere', async () => {
  await withAdmin(redis.url, async (admin) => {
    await admin.config('SET', 'requirepass', 'right');
    try {
      const url = new URL(redis.url);
      url.password = 'wrong-one';
      const causes: string[] = [];
      const onDegraded = (_part: string, _degraded: boolean, cause?: Error) =>
        void causes.push(JSON.stringify({ message: cause?.message, cause: cause?.cause }));
      const session = await open(url.href, freshNamespace(), { onDegraded });
      await session.registry.register(worker('verifier-a'));
      await session.close();
      assert.equal(causes.length, 2);
      for (const cause of causes) assert.match(cause, /WRONGPASS/);
      assert.ok(!causes.join().includes('wrong-one'));
    } finally {
      await admin.config('SET', 'requirepass', '');
    }
  });
});

test('waiting for the first reading ends with its signal and when the registry closes', async () => {
  const session = await openSession({ redisUrl: 'redis://127.0.0.1:1', now: () => performance.now() });
  await assert.rejects(session.registry.ready(AbortSignal.abort()), { code: 'cancelled' });
  const controller = new AbortController();
  const aborted = session.registry.ready(controller.signal);
  const closed = session.registry.ready();
  controller.abort();
  await assert.rejects(aborted, { code: 'cancelled' });
  await session.close();
  await assert.rejects(closed, { code: 'cancelled' });
  await assert.rejects(session.registry.register(worker('verifier-a')), { code: 'cancelled' });
});
