// What every journal store must do, in memory or in Redis: the same tests for both.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JournalStore } from '#libs/session/index.js';
import { until } from './until.js';

export const JOURNAL_LIMITS = { leaseMs: 400, ttlMs: 60_000, maxSize: 4_000 };
const KEY = 'a'.repeat(64);
const OPENING = { key: KEY, fingerprint: 'f', opening: '{"id":"1"}' };

export interface JournalUnderTest {
  /** Empty, and apart from every other one. */
  open(): Promise<JournalStore>;
  /** Lets every lease run out. */
  expireLeases(): Promise<void>;
}

export function describeJournalContract(name: string, subject: JournalUnderTest): void {
  const contract = (title: string, body: (store: JournalStore) => Promise<void>) =>
    test(`${name}: ${title}`, async () => {
      const store = await subject.open();
      try {
        await body(store);
      } finally {
        await store.close();
      }
    });
  ownershipContract(contract, subject);
  entryContract(contract);
  refusalContract(contract);
}

type Contract = (title: string, body: (store: JournalStore) => Promise<void>) => void;

function ownershipContract(contract: Contract, { expireLeases }: JournalUnderTest): void {
  contract(
    'one starts a journal, and whoever comes after attaches to it, with the first opening',
    async (store) => {
      const all = await Promise.all(
        Array.from({ length: 10 }, (_, i) => store.open({ ...OPENING, opening: String(i) })),
      );
      const standings = all.map(({ standing }) => standing).sort();
      assert.deepEqual(standings, [...Array(9).fill('attached'), 'started']);
      const { opening } = all.find(({ standing }) => standing === 'started')!;
      for (const each of all) assert.equal(each.opening, opening);
    },
  );

  contract('when the lease has run out one takes over, and fences off the owner before', async (store) => {
    const first = await store.open(OPENING);
    assert.equal(await store.append(KEY, first.owner, 0, ['a', 'b']), 'kept');
    assert.deepEqual(await store.read(KEY, 0), { entries: ['a', 'b'], state: 'running' });
    await expireLeases();
    assert.deepEqual(await store.read(KEY, 1), { entries: ['b'], state: 'orphaned' });
    const all = await Promise.all(Array.from({ length: 5 }, () => store.open(OPENING)));
    assert.deepEqual(all.map(({ standing }) => standing).sort(), [...Array(4).fill('attached'), 'resumed']);
    const { owner } = all.find(({ standing }) => standing === 'resumed')!;
    assert.equal(await store.append(KEY, first.owner, 2, ['x']), 'fenced');
    await store.end(KEY, first.owner, 'forget');
    assert.equal(await store.append(KEY, owner, 2, ['c']), 'kept');
    assert.deepEqual(await store.read(KEY, 0), { entries: ['a', 'b', 'c'], state: 'running' });
  });

  contract('an owner that comes back before anybody took over still owns it', async (store) => {
    const { owner } = await store.open(OPENING);
    await expireLeases();
    assert.equal(await store.append(KEY, owner, 0, ['a']), 'kept');
    assert.equal((await store.open(OPENING)).standing, 'attached');
  });

  contract('a released journal can be gone on with at once', async (store) => {
    const { owner } = await store.open(OPENING);
    await store.append(KEY, owner, 0, ['a']);
    await store.end(KEY, owner, 'release');
    assert.deepEqual(await store.read(KEY, 0), { entries: ['a'], state: 'orphaned' });
    assert.equal((await store.open(OPENING)).standing, 'resumed');
  });

  contract(
    'a complete journal is read for as long as it lives, and nobody owns it any more',
    async (store) => {
      const { owner } = await store.open(OPENING);
      await store.append(KEY, owner, 0, ['a']);
      await store.end(KEY, owner, 'complete');
      await expireLeases();
      assert.deepEqual(await store.read(KEY, 0), { entries: ['a'], state: 'complete' });
      const { standing, opening } = await store.open({ ...OPENING, opening: 'later' });
      assert.deepEqual({ standing, opening }, { standing: 'complete', opening: OPENING.opening });
      await store.end(KEY, owner, 'forget');
      assert.equal((await store.open(OPENING)).standing, 'complete');
    },
  );

  contract('a forgotten journal never was', async (store) => {
    const { owner } = await store.open(OPENING);
    await store.append(KEY, owner, 0, ['a']);
    await store.end(KEY, owner, 'forget');
    assert.deepEqual(await store.read(KEY, 0), { entries: [], state: 'gone' });
    assert.equal(await store.append(KEY, owner, 1, ['b']), 'gone');
    assert.equal((await store.open({ ...OPENING, fingerprint: 'another' })).standing, 'started');
  });
}

function entryContract(contract: Contract): void {
  contract('a repeated call adds nothing twice, and a hole is no journal', async (store) => {
    const { owner } = await store.open(OPENING);
    for (let i = 0; i < 3; i++) assert.equal(await store.append(KEY, owner, 0, ['a', 'b']), 'kept');
    assert.equal(await store.append(KEY, owner, 1, ['b', 'c']), 'kept');
    assert.equal(await store.append(KEY, owner, 3, []), 'kept');
    assert.equal(await store.append(KEY, owner, 4, ['e']), 'gone');
    assert.deepEqual((await store.read(KEY, 0)).entries, ['a', 'b', 'c']);
    assert.deepEqual((await store.read(KEY, 9)).entries, []);
  });

  contract('many entries come in order, in as many readings as it takes', async (store) => {
    const { owner } = await store.open(OPENING);
    const entries = Array.from({ length: 300 }, (_, i) => `${i} \u00e9\u0000"{}`);
    await store.append(KEY, owner, 0, entries.slice(0, 100));
    await store.append(KEY, owner, 100, entries.slice(100));
    const read: string[] = [];
    await until('all is read', async () => {
      read.push(...(await store.read(KEY, read.length)).entries);
      return read.length >= entries.length;
    });
    assert.deepEqual(read, entries);
  });
}

function refusalContract(contract: Contract): void {
  contract('another request with the same key is refused, running or complete', async (store) => {
    const { owner } = await store.open(OPENING);
    const other = { ...OPENING, fingerprint: 'another' };
    await assert.rejects(store.open(other), { code: 'idempotency_key_reused', field: 'Idempotency-Key' });
    await store.end(KEY, owner, 'complete');
    await assert.rejects(store.open(other), { code: 'idempotency_key_reused' });
    assert.equal((await store.open({ ...other, key: 'b'.repeat(64) })).standing, 'started');
  });

  contract('a journal that grows too large is dropped, and its key says so', async (store) => {
    const { owner } = await store.open(OPENING);
    assert.equal(await store.append(KEY, owner, 0, ['x'.repeat(3_900)]), 'kept');
    assert.equal(await store.append(KEY, owner, 1, ['x'.repeat(200)]), 'gone');
    assert.equal(await store.append(KEY, owner, 1, ['y']), 'gone');
    assert.deepEqual(await store.read(KEY, 0), { entries: [], state: 'gone' });
    await assert.rejects(store.open(OPENING), { code: 'answer_not_kept' });
  });

  contract('a key that nobody used is gone', async (store) => {
    assert.deepEqual(await store.read(KEY, 0), { entries: [], state: 'gone' });
    assert.equal(await store.append(KEY, 'nobody', 0, ['a']), 'gone');
    await store.end(KEY, 'nobody', 'complete');
  });
}
