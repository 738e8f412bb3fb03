// Redis of several machines: a primary that fails over under Sentinel, and a Cluster whose slots lie on two nodes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startRedis } from '../support/redis.js';
import { startWatchedRedis } from '../support/redis-sentinel.js';
import { withAdmin, withSessions } from '../support/redis-sessions.js';
import { claimOf, worker } from '../support/session-contract.js';
import { until } from '../support/until.js';

test('Sentinel fails over: workers never vanish, pins come back on the new primary', async () => {
  const redis = await startWatchedRedis();
  try {
    await withSessions(redis.url, 2, async ({ sessions: [gateway, verifier], events }) => {
      await verifier!.registry.register(worker('verifier-a'));
      await until('it is seen', () => gateway!.registry.workers('verifier').length === 1);
      const before = await gateway!.router.route('s');
      assert.ok(before.generation > 0n);
      await redis.primary.kill();
      await until('the outage is noticed', () => events.includes('registry true'));
      await until(
        'the new primary is read',
        () => {
          assert.equal(gateway!.registry.workers('verifier').length, 1);
          return events.includes('registry false');
        },
        40_000,
      );
      await until('pins are back', async () => (await gateway!.router.route('s')).generation > 0n);
      await verifier!.registry.register(worker('verifier-b'));
      await until('a newcomer is seen through it', () => gateway!.registry.workers('verifier').length === 2);
    });
  } finally {
    await redis.stop();
  }
});

test('a Cluster of two nodes: each session has its pin on the node of its slot', async () => {
  const cluster = await Promise.all([0, 1].map(() => startRedis(['--cluster-enabled', 'yes'])));
  const [here, there] = cluster.map(({ url }) => url) as [string, string];
  try {
    await withAdmin(here, (admin) => admin.call('CLUSTER', 'ADDSLOTSRANGE', '0', '8191'));
    await withAdmin(there, (admin) => admin.call('CLUSTER', 'ADDSLOTSRANGE', '8192', '16383'));
    await withAdmin(here, (admin) => admin.call('CLUSTER', 'MEET', '127.0.0.1', new URL(there).port));
    for (const url of [here, there])
      await withAdmin(url, (admin) =>
        until('the cluster is up', async () => {
          const info = String(await admin.cluster('INFO'));
          return /cluster_state:ok/.test(info) && /cluster_slots_ok:16384/.test(info);
        }),
      );
    const url = `redis+cluster://${new URL(here).host}`;
    await withSessions(url, 2, async ({ sessions: [one, other], events }) => {
      await one!.registry.register(worker('verifier-a'));
      await until('it is seen', () => other!.registry.workers('verifier').length === 1);
      for (let i = 0; i < 20; i++) {
        const pin = await one!.store.claim(claimOf(`s${i}`, `v${(i % 3) + 1}`));
        assert.deepEqual(await other!.store.claim(claimOf(`s${i}`, 'v1')), pin);
      }
      assert.deepEqual(events, []);
    });
    const sizes = await Promise.all([here, there].map((each) => withAdmin(each, (admin) => admin.dbsize())));
    assert.ok(
      sizes.every((size) => size > 2),
      `keys on the nodes: ${sizes}`,
    );
  } finally {
    await Promise.all(cluster.map((node) => node.stop()));
  }
});
