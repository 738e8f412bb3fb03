import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeJournalContract, JOURNAL_LIMITS } from '../../test/support/journal-contract.js';
import { MemoryJournalStore } from './memory-journal-store.js';

let clockMs = 0;
const now = () => clockMs;
const opening = (key: string) => ({ key, fingerprint: 'f', opening: 'o' });

describeJournalContract('in memory', {
  open: async () => new MemoryJournalStore({ ...JOURNAL_LIMITS, now }),
  expireLeases: async () => {
    clockMs += JOURNAL_LIMITS.leaseMs;
  },
});

test('a journal outlives its last entry by its TTL, and no longer', async () => {
  const store = new MemoryJournalStore({ ...JOURNAL_LIMITS, now });
  const { owner } = await store.open(opening('a'));
  clockMs += JOURNAL_LIMITS.ttlMs - 1;
  assert.equal(await store.append('a', owner, 0, ['x']), 'kept');
  await store.end('a', owner, 'complete');
  clockMs += JOURNAL_LIMITS.ttlMs - 1;
  assert.equal((await store.open(opening('a'))).standing, 'complete');
  clockMs += 1;
  assert.equal((await store.open(opening('a'))).standing, 'started');
});

test('beyond the size of all of them the journal whose last entry is oldest is forgotten', async () => {
  const store = new MemoryJournalStore({ ...JOURNAL_LIMITS, now, maxTotalSize: 8_000 });
  const { owner: a } = await store.open(opening('a'));
  const { owner: b } = await store.open(opening('b'));
  await store.append('b', b, 0, ['x'.repeat(3_000)]);
  await store.append('a', a, 0, ['x'.repeat(3_000)]);
  assert.equal((await store.read('b', 0)).state, 'gone');
  assert.equal((await store.read('a', 0)).state, 'running');
  for (let i = 0; i < 1_000; i++) await store.open(opening(`key ${i}`));
  assert.equal((await store.read('a', 0)).state, 'gone');
});
