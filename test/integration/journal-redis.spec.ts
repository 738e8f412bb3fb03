// Journals over a real Redis: the contract, what expires, what an eviction leaves, a Redis that is away or empty.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openJournalStore } from '#libs/session/index.js';
import { describeJournalContract, JOURNAL_LIMITS } from '../support/journal-contract.js';
import { startRedis, type TestRedis } from '../support/redis.js';
import { freshNamespace, withAdmin } from '../support/redis-sessions.js';

const KEY = 'c'.repeat(64);
const OPENING = { key: KEY, fingerprint: 'f', opening: 'o' };

let redis: TestRedis;
before(async () => {
  redis = await startRedis();
});
after(() => redis.stop());

const open = (namespace = freshNamespace()) =>
  openJournalStore({
    redisUrl: redis.url,
    redis: { namespace },
    ...JOURNAL_LIMITS,
    now: () => performance.now(),
  });

describeJournalContract('in Redis', {
  open: () => open(),
  expireLeases: () => sleep(JOURNAL_LIMITS.leaseMs + 50),
});

test('two gateways see one journal, and every key of it expires', async () => {
  const namespace = freshNamespace();
  const [here, there] = [await open(namespace), await open(namespace)];
  const { owner } = await here.open(OPENING);
  await here.append(KEY, owner, 0, ['a']);
  assert.equal((await there.open(OPENING)).standing, 'attached');
  assert.deepEqual(await there.read(KEY, 0), { entries: ['a'], state: 'running' });
  await withAdmin(redis.url, async (admin) => {
    const keys = await admin.keys(`${namespace}:journal:*`);
    assert.equal(keys.length, 3);
    for (const key of keys) assert.ok((await admin.pttl(key)) > 0, key);
    await here.end(KEY, owner, 'complete');
    for (const key of await admin.keys(`${namespace}:journal:*`))
      assert.ok((await admin.pttl(key)) > JOURNAL_LIMITS.ttlMs / 2, key);
  });
  await Promise.all([here.close(), there.close()]);
});

test('a journal of which Redis evicted a part is none: it is begun anew', async () => {
  const namespace = freshNamespace();
  const store = await open(namespace);
  const { owner } = await store.open(OPENING);
  await store.append(KEY, owner, 0, ['a', 'b']);
  await withAdmin(redis.url, (admin) => admin.del(`${namespace}:journal:{${KEY}}:entries`));
  assert.deepEqual(await store.read(KEY, 0), { entries: [], state: 'gone' });
  assert.equal((await store.open(OPENING)).standing, 'started');
  assert.equal(await store.append(KEY, owner, 2, ['c']), 'gone');
  await store.close();
});

test('with Redis away every call fails as unavailable; back and empty, the owner before has lost its journal', async () => {
  const store = await open();
  const { owner } = await store.open(OPENING);
  await redis.kill();
  const unavailable = { code: 'unavailable' };
  await assert.rejects(store.open(OPENING), unavailable);
  await assert.rejects(store.read(KEY, 0), unavailable);
  await assert.rejects(store.append(KEY, owner, 0, ['a']), unavailable);
  await redis.restart();
  for (;;) {
    const receipt = await store.append(KEY, owner, 0, ['a']).catch(() => undefined);
    if (receipt === undefined) await sleep(20);
    else {
      assert.equal(receipt, 'gone');
      break;
    }
  }
  await store.close();
});
