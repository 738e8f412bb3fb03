import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimOf, describeContract, worker } from '../../test/support/session-contract.js';
import { MemorySessionStore } from './memory-session-store.js';
import { openSession } from './open-session.js';
import { StaticRegistry } from './static-registry.js';

let clockMs = 0;
const now = () => clockMs;

describeContract('in memory', {
  open: () => openSession({ now, leaseMs: 1000 }),
  expireLeases: async () => {
    clockMs += 1000;
  },
});

test('the configured workers are there at once, and one that registers here joins them', async () => {
  const registry = new StaticRegistry([worker('verifier-b'), worker('draft-a')]);
  await registry.register(worker('verifier-a'));
  assert.deepEqual(registry.workers('verifier'), [worker('verifier-a'), worker('verifier-b')]);
});

test('a malformed configured worker is refused', () => {
  assert.throws(
    () => new StaticRegistry([worker('verifier-a', { endpoint: 'host:70000' })]),
    /worker\.endpoint/,
  );
});

test('a claim extends the lease', async () => {
  const store = new MemorySessionStore({ leaseMs: 1000, now });
  const pin = await store.claim(claimOf('s', 'v1'));
  for (let i = 0; i < 5; i++) {
    clockMs += 999;
    assert.deepEqual(await store.claim(claimOf('s', 'v2')), pin);
  }
});

test('the number of sessions is capped: the one claimed longest ago is forgotten', async () => {
  const store = new MemorySessionStore({ leaseMs: 1000, now, maxSessions: 2 });
  await store.claim(claimOf('a', 'v1'));
  await store.claim(claimOf('b', 'v1'));
  await store.claim(claimOf('a', 'v1'));
  await store.claim(claimOf('c', 'v1'));
  assert.equal((await store.claim(claimOf('a', 'v2')))!.verifierId, 'v1');
  assert.equal((await store.claim(claimOf('b', 'v2')))!.verifierId, 'v2');
});

test('a URL of something else than Redis is refused, without repeating it', async () => {
  await assert.rejects(openSession({ now, redisUrl: 'http://user:secret@127.0.0.1:1' }), (error: Error) => {
    assert.ok(!error.message.includes('secret'));
    return /redisUrl/.test(error.message);
  });
});

test('a new process starts its generations above those of an earlier one, which verifiers may remember', async () => {
  const earlier = await openSession({ now, startedAtMs: 1_000_000 });
  const later = await openSession({ now, startedAtMs: 1_000_001 });
  const old = (await earlier.store.claim(claimOf('s', 'v1')))!.generation;
  assert.ok((await later.store.claim(claimOf('s', 'v1')))!.generation > old);
});
