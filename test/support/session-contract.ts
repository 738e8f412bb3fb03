// What every registry and every session store must do, in memory or in Redis: the same tests for all of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '#libs/errors/index.js';
import type { ClaimRequest, Role, Session, WorkerRecord } from '#libs/session/index.js';
import { until } from './until.js';

export interface SessionUnderTest {
  /** Empty, and apart from every other one. */
  open(): Promise<Session>;
  /** Lets every lease run out. */
  expireLeases(): Promise<void>;
}

export function worker(id: string, overrides: Partial<WorkerRecord> = {}): WorkerRecord {
  const role: Role = id.startsWith('draft') ? 'draft' : 'verifier';
  const base = {
    id,
    role,
    endpoint: '127.0.0.1:50052',
    model: 'm',
    vocabularyFingerprint: 'v1',
    draining: false,
  };
  return { ...base, ...overrides };
}

export function claimOf(
  sessionId: string,
  verifierId: string,
  draftId = 'd1',
  overrides: Partial<ClaimRequest> = {},
) {
  const base = { liveVerifierIds: ['v1', 'v2', 'v3'], liveDraftIds: ['d1', 'd2'] };
  return { sessionId, candidate: { verifierId, draftId }, ...base, ...overrides };
}

export function describeContract(name: string, subject: SessionUnderTest): void {
  const contract = (title: string, body: (session: Session) => Promise<void>) =>
    test(`${name}: ${title}`, async () => {
      const session = await subject.open();
      try {
        await body(session);
      } finally {
        await session.close();
      }
    });
  registryContract(contract);
  pinContract(contract, subject);
  hostileContract(contract);
}

type Contract = (title: string, body: (session: Session) => Promise<void>) => void;

function registryContract(contract: Contract): void {
  contract('a registered worker is found under its role, sorted by id', async ({ registry }) => {
    await registry.ready();
    await registry.register(worker('verifier-b'));
    await registry.register(worker('verifier-a'));
    await registry.register(worker('draft-a'));
    assert.deepEqual(registry.workers('verifier'), [worker('verifier-a'), worker('verifier-b')]);
    assert.deepEqual(registry.workers('draft'), [worker('draft-a')]);
  });

  contract('a draining worker says so, and a closed one is gone', async ({ registry }) => {
    const registration = await registry.register(worker('verifier-a'));
    await registration.drain();
    await until('it is seen draining', () => registry.workers('verifier')[0]?.draining === true);
    await registration.close();
    await registration.close();
    await until('it is gone', () => registry.workers('verifier').length === 0);
  });

  contract('a malformed record is refused by name of its field', async ({ registry }) => {
    for (const [field, value] of Object.entries({ id: 'a b', role: 'king', endpoint: 'nowhere', model: '' }))
      await assert.rejects(
        registry.register(worker('verifier-a', { [field]: value })),
        (error: AppError) => error.code === 'invalid_argument' && error.field === `worker.${field}`,
      );
  });
}

function pinContract(contract: Contract, { expireLeases }: SessionUnderTest): void {
  contract('the first claim pins its candidate, later ones get that pin', async ({ store }) => {
    const first = await store.claim(claimOf('s', 'v1', 'd1'));
    assert.deepEqual({ ...first, generation: 0n }, { verifierId: 'v1', draftId: 'd1', generation: 0n });
    assert.ok(first!.generation > 0n);
    assert.deepEqual(await store.claim(claimOf('s', 'v2', 'd2')), first);
  });

  contract('the generation grows by one on each move and never on renewal', async ({ store }) => {
    const first = await store.claim(claimOf('s', 'v1'));
    const moved = await store.claim(claimOf('s', 'v2', 'd1', { liveVerifierIds: ['v2', 'v3'] }));
    assert.deepEqual(moved, { verifierId: 'v2', draftId: 'd1', generation: first!.generation + 1n });
    for (let i = 0; i < 3; i++) assert.deepEqual(await store.claim(claimOf('s', 'v3')), moved);
    const back = await store.claim(claimOf('s', 'v1', 'd1', { liveVerifierIds: ['v1'] }));
    assert.equal(back!.generation, first!.generation + 2n);
  });

  contract('a dead draft is swapped and the verifier stays, in the same generation', async ({ store }) => {
    const first = await store.claim(claimOf('s', 'v1', 'd1'));
    const swapped = await store.claim(claimOf('s', 'v2', 'd2', { liveDraftIds: ['d2'] }));
    assert.deepEqual(swapped, { ...first, draftId: 'd2' });
    assert.deepEqual(await store.claim(claimOf('s', 'v2', 'd1')), swapped);
  });

  contract('a session without a draft gets one as soon as there is one', async ({ store }) => {
    await store.claim(claimOf('s', 'v1', '', { liveDraftIds: [] }));
    assert.equal((await store.claim(claimOf('s', 'v1', 'd1')))!.draftId, 'd1');
  });

  contract('after its lease ran out a session is pinned anew, in a higher generation', async ({ store }) => {
    const first = await store.claim(claimOf('s', 'v1'));
    const moved = await store.claim(claimOf('s', 'v2', 'd1', { liveVerifierIds: ['v2'] }));
    await expireLeases();
    const anew = await store.claim(claimOf('s', 'v3'));
    assert.equal(anew!.verifierId, 'v3');
    assert.ok(anew!.generation > moved!.generation && moved!.generation > first!.generation);
  });

  contract('a released session is pinned anew, in a higher generation', async ({ store }) => {
    let last = 0n;
    for (let i = 0; i < 20; i++) {
      const pin = await store.claim(claimOf('s', 'v1'));
      assert.ok(pin!.generation > last);
      last = pin!.generation;
      await store.release('s');
    }
    await store.release('never claimed');
  });

  contract('without a candidate a live pin is kept and none is made', async ({ store }) => {
    assert.equal(await store.claim(claimOf('s', '')), null);
    const pin = await store.claim(claimOf('s', 'v1'));
    assert.deepEqual(await store.claim(claimOf('s', '')), pin);
    assert.equal(await store.claim(claimOf('s', '', '', { liveVerifierIds: ['v2'] })), null);
  });
}

function hostileContract(contract: Contract): void {
  contract('hostile session ids are kept apart or refused', async ({ store }) => {
    const ids = [
      '{a}',
      '{b}',
      'a\0b',
      'a',
      '\ud800',
      '\ud801',
      '\ufffd',
      '*',
      'x\r\nFLUSHALL\r\n',
      '__proto__',
    ];
    for (const [i, id] of ids.entries()) await store.claim(claimOf(id, i % 2 === 0 ? 'v1' : 'v2'));
    for (const [i, id] of ids.entries())
      assert.equal((await store.claim(claimOf(id, 'v3')))!.verifierId, i % 2 === 0 ? 'v1' : 'v2', id);
    for (const id of ['', 'x'.repeat(513), undefined as unknown as string])
      await assert.rejects(
        store.claim(claimOf(id, 'v1')),
        (error: AppError) => error.code === 'invalid_argument' && error.field === 'session_id',
      );
  });

  contract('concurrent claims agree on one pin', async ({ store }) => {
    const claims = Array.from({ length: 20 }, (_, i) => store.claim(claimOf('s', `v${(i % 3) + 1}`)));
    const pins = await Promise.all(claims);
    for (const pin of pins) assert.deepEqual(pin, pins[0]);
  });
}
