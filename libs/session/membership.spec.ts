import assert from 'node:assert/strict';
import { test } from 'node:test';
import { worker } from '../../test/support/session-contract.js';
import { Membership } from './membership.js';

function setUp() {
  const clock = { ms: 0 };
  const membership = new Membership(5000, () => clock.ms);
  const reads = (epoch: string | null, ...ids: string[]) =>
    membership.observe({ epoch, workers: ids.map((id) => worker(id)) });
  const ids = () => membership.workers('verifier').map(({ id }) => id);
  return { clock, membership, reads, ids };
}

test('a worker that a reading lacks is gone at once', () => {
  const { reads, ids } = setUp();
  reads('e', 'verifier-a', 'verifier-b');
  reads('e', 'verifier-b');
  assert.deepEqual(ids(), ['verifier-b']);
});

test('the last answer stands while the source is away, however long', () => {
  const { clock, membership, reads, ids } = setUp();
  reads('e', 'verifier-a');
  membership.lose();
  clock.ms = 1e9;
  assert.deepEqual(ids(), ['verifier-a']);
});

test('after an outage those known before are believed for one grace period', () => {
  const { clock, membership, reads, ids } = setUp();
  reads('e', 'verifier-a', 'verifier-b');
  membership.lose();
  clock.ms = 60_000;
  reads('e');
  assert.deepEqual(ids(), ['verifier-a', 'verifier-b']);
  clock.ms += 4999;
  reads('e', 'verifier-b');
  assert.deepEqual(ids(), ['verifier-a', 'verifier-b']);
  clock.ms += 1;
  reads('e', 'verifier-b');
  assert.deepEqual(ids(), ['verifier-b']);
});

test('an emptied source is known by its epoch, even if no outage was seen', () => {
  const { clock, reads, ids } = setUp();
  reads('e', 'verifier-a');
  clock.ms = 60_000;
  reads(null);
  assert.deepEqual(ids(), ['verifier-a']);
  reads('f', 'verifier-c');
  assert.deepEqual(ids(), ['verifier-a', 'verifier-c']);
  clock.ms += 5000;
  reads('f', 'verifier-c');
  assert.deepEqual(ids(), ['verifier-c']);
});

test('news of a carried worker replaces what was known of it', () => {
  const { membership, reads } = setUp();
  reads('e', 'verifier-a');
  membership.lose();
  membership.observe({ epoch: 'e', workers: [worker('verifier-a', { draining: true })] });
  assert.equal(membership.workers('verifier')[0]?.draining, true);
});
