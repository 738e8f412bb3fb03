// Registry and pins over a real Redis: the contract, several connections, a worker that dies, strange entries.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { HeldPrefixes } from '#libs/session/index.js';
import { startRedis, type TestRedis } from '../support/redis.js';
import { FAST, freshNamespace, open, withAdmin, withSessions } from '../support/redis-sessions.js';
import { claimOf, describeContract, worker } from '../support/session-contract.js';
import { until } from '../support/until.js';

let redis: TestRedis;
before(async () => {
  redis = await startRedis();
});
after(() => redis.stop());

const LEASE_MS = 300;
describeContract('in Redis', {
  open: () => open(redis.url, freshNamespace(), { leaseMs: LEASE_MS }),
  expireLeases: () => sleep(LEASE_MS + 50),
});

test('a worker registered over one connection is seen over another, comes and goes', async () => {
  await withSessions(redis.url, 2, async ({ sessions: [here, there] }) => {
    const registration = await here!.registry.register(worker('verifier-a'));
    await until('it is seen', () => there!.registry.workers('verifier').length === 1);
    assert.deepEqual(there!.registry.workers('verifier'), [worker('verifier-a')]);
    await registration.drain();
    await until('it drains', () => there!.registry.workers('verifier')[0]?.draining === true);
    await registration.close();
    await until('it is gone', () => there!.registry.workers('verifier').length === 0);
  });
});

test('what a verifier tells of itself is read, heartbeat by heartbeat, by those who want to know', async () => {
  await withSessions(redis.url, 2, async ({ sessions: [here, incurious], namespace }) => {
    const curious = await open(redis.url, namespace, { redis: { ...FAST, namespace, readsStatus: true } });
    const held = new HeldPrefixes(1000);
    let running = 0;
    await here!.registry.register(worker('verifier-a'), () => ({
      running,
      maxRunning: 9,
      prefixes: held.hashes,
    }));
    const seen = () => curious.registry.workers('verifier')[0]?.status;
    await until('it is seen', () => seen()?.running === 0);
    running = 4;
    held.enter('salt', new Array(64).fill(7));
    await until('its news is seen', () => seen()?.running === 4);
    assert.deepEqual(seen(), { running: 4, maxRunning: 9, prefixes: held.hashes });
    assert.deepEqual(incurious!.registry.workers('verifier'), [worker('verifier-a')]);
    await withAdmin(redis.url, (admin) =>
      admin.set(`${namespace}:{workers}:status:verifier:verifier-a`, '{'),
    );
    await until('it is read again', () => seen() !== undefined);
    await curious.close();
  });
});

test('closing a session takes its workers out', async () => {
  await withSessions(redis.url, 2, async ({ sessions: [here, there], namespace }) => {
    await here!.registry.register(worker('draft-a'));
    await until('it is seen', () => there!.registry.workers('draft').length === 1);
    await here!.close();
    await until('it is gone', () => there!.registry.workers('draft').length === 0);
    await withAdmin(redis.url, async (admin) =>
      assert.equal(await admin.exists(`${namespace}:{workers}:draft`), 0),
    );
  });
});

test('a worker whose process is killed expires, and its id is tidied up', async () => {
  await withSessions(redis.url, 1, async ({ sessions: [session], namespace }) => {
    const child = await spawnWorker(namespace);
    await until('it is seen', () => session!.registry.workers('verifier').length === 1);
    await sleep(1.5 * FAST.ttlMs);
    assert.equal(session!.registry.workers('verifier').length, 1, 'heartbeats keep it alive');
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    await until('it has expired', () => session!.registry.workers('verifier').length === 0);
    await withAdmin(redis.url, (admin) =>
      until('its id is gone', async () => (await admin.exists(`${namespace}:{workers}:verifier`)) === 0),
    );
  });
});

test('concurrent claims of twenty clients give one pin', async () => {
  await withSessions(redis.url, 20, async ({ sessions }) => {
    for (let round = 0; round < 5; round++) {
      const claims = sessions.map(({ store }, i) => store.claim(claimOf(`s${round}`, `v${(i % 3) + 1}`)));
      const pins = await Promise.all(claims);
      for (const pin of pins) assert.deepEqual(pin, pins[0]);
    }
  });
});

test('what others wrote to Redis is checked: malformed entries are left out and told once', async () => {
  const namespace = freshNamespace();
  const malformed: string[] = [];
  await withAdmin(redis.url, async (admin) => {
    const ids = `${namespace}:{workers}:verifier`;
    const bad = {
      noise: '{',
      other: JSON.stringify(worker('verifier-x')),
      port: JSON.stringify(worker('port', { endpoint: 'a:0' })),
    };
    for (const [id, text] of Object.entries(bad))
      await admin.multi().sadd(ids, id).set(`${ids}:${id}`, text).exec();
    const session = await open(redis.url, namespace, {
      onMalformed: (role, id) => void malformed.push(`${role} ${id}`),
    });
    await session.registry.register(worker('verifier-a'));
    assert.deepEqual(session.registry.workers('verifier'), [worker('verifier-a')]);
    assert.deepEqual(malformed.sort(), ['verifier noise', 'verifier other', 'verifier port']);
    await session.close();
  });
});

test('every command and script keeps to one slot of a Cluster', async () => {
  const cluster = await startRedis(['--cluster-enabled', 'yes']);
  try {
    await withAdmin(cluster.url, async (admin) => {
      await admin.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
      await until('the cluster is up', async () =>
        /cluster_state:ok/.test(String(await admin.cluster('INFO'))),
      );
    });
    await withSessions(cluster.url, 2, async ({ sessions: [here, there], events }) => {
      await here!.registry.register(worker('verifier-a'));
      await here!.registry.register(worker('draft-a'));
      await until('both are seen', () =>
        (['verifier', 'draft'] as const).every((role) => there!.registry.workers(role).length === 1),
      );
      for (const id of ['s', '{t}']) assert.ok((await here!.router.route(id)).generation > 0n);
      assert.deepEqual(events, []);
    });
  } finally {
    await cluster.stop();
  }
});

/** A process of its own that registers "verifier-child" and lives until killed. */
async function spawnWorker(namespace: string): Promise<ChildProcess> {
  const library = new URL('../../libs/session/index.js', import.meta.url).href;
  const options = JSON.stringify({ redisUrl: redis.url, redis: { ...FAST, namespace } });
  const program = `
    import { openSession } from ${JSON.stringify(library)};
    const session = await openSession({ ...${options}, now: () => performance.now() });
    await session.registry.register(${JSON.stringify(worker('verifier-child'))});
    process.send('registered');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await once(child, 'message');
  return child;
}
