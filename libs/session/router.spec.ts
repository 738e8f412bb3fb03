import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '#libs/errors/index.js';
import { worker } from '../../test/support/session-contract.js';
import { MemorySessionStore } from './memory-session-store.js';
import type { WorkerRecord } from './registry.js';
import { rankWorkers } from './rendezvous.js';
import { SessionRouter } from './router.js';
import type { SessionStore } from './session-store.js';
import { StaticRegistry } from './static-registry.js';

const VERIFIERS = ['verifier-a', 'verifier-b', 'verifier-c'].map((id) => worker(id));
const DRAFTS = ['draft-a', 'draft-b'].map((id) => worker(id));

function routerOver(workers: readonly WorkerRecord[], overrides: { store?: SessionStore } = {}) {
  const clock = { ms: 0 };
  const now = () => clock.ms;
  const events: string[] = [];
  const fleet = { registry: new StaticRegistry(workers) };
  const router = new SessionRouter({
    registry: {
      register: (record) => fleet.registry.register(record),
      workers: (role) => fleet.registry.workers(role),
      ready: () => fleet.registry.ready(),
      close: () => fleet.registry.close(),
    },
    store: new MemorySessionStore({ leaseMs: 1000, now }),
    now,
    onDegraded: (part, degraded, cause) => events.push(`${part} ${degraded} ${cause?.code ?? ''}`),
    ...overrides,
  });
  return {
    router,
    clock,
    events,
    become: (next: readonly WorkerRecord[]) => (fleet.registry = new StaticRegistry(next)),
  };
}

const isUnavailable = (pattern: RegExp) => (error: AppError) =>
  error.code === 'unavailable' && error.retryAfterSeconds === 1 && pattern.test(error.message);

test('a new session goes where rendezvous says, with its drafts in that order', async () => {
  const { router } = routerOver([...VERIFIERS, ...DRAFTS]);
  const route = await router.route('s');
  assert.deepEqual(route.verifier, rankWorkers('s', VERIFIERS)[0]);
  assert.deepEqual(route.drafts, rankWorkers('s', DRAFTS));
  assert.ok(route.generation > 0n);
});

test('a session stays when better-ranked workers appear', async () => {
  const [best, ...others] = rankWorkers('s', VERIFIERS);
  const [bestDraft, otherDraft] = rankWorkers('s', DRAFTS);
  const { router, become } = routerOver([...others, otherDraft!]);
  const before = await router.route('s');
  become([best!, ...others, bestDraft!, otherDraft!]);
  const after = await router.route('s');
  assert.deepEqual(after.verifier, others[0]);
  assert.deepEqual(after.drafts, [otherDraft, bestDraft]);
  assert.equal(after.generation, before.generation);
});

test('a session moves when its verifier dies, one generation up', async () => {
  const { router, become } = routerOver(VERIFIERS);
  const before = await router.route('s');
  become(VERIFIERS.filter(({ id }) => id !== before.verifier.id));
  const after = await router.route('s');
  assert.deepEqual(after.verifier, rankWorkers('s', VERIFIERS)[1]);
  assert.equal(after.generation, before.generation + 1n);
});

test('a failover avoids the verifiers that failed and moves the pin', async () => {
  const { router } = routerOver(VERIFIERS);
  const ranked = rankWorkers('s', VERIFIERS);
  const first = await router.route('s');
  const second = await router.route('s', { avoid: [first.verifier.id] });
  assert.deepEqual(second.verifier, ranked[1]);
  assert.deepEqual((await router.route('s')).verifier, ranked[1]);
  const third = await router.route('s', { avoid: [ranked[0]!.id, ranked[1]!.id] });
  assert.deepEqual(third.verifier, ranked[2]);
  assert.equal(third.generation, first.generation + 2n);
  await assert.rejects(
    router.route('s', { avoid: VERIFIERS.map(({ id }) => id) }),
    isUnavailable(/No other verifier is alive/),
  );
});

test('a draining verifier gets nothing: its sessions move, one generation up', async () => {
  const { router, become } = routerOver(VERIFIERS);
  const { verifier, generation } = await router.route('s');
  become(VERIFIERS.map((record) => ({ ...record, draining: record.id === verifier.id })));
  const moved = await router.route('s');
  assert.notEqual(moved.verifier.id, verifier.id);
  assert.equal(moved.generation, generation + 1n);
  for (let i = 0; i < 50; i++) assert.notEqual((await router.route(`new-${i}`)).verifier.id, verifier.id);
  become([{ ...verifier, draining: true }]);
  for (const id of ['s', 'another']) await assert.rejects(router.route(id), isUnavailable(/draining/));
});

test('a draining draft is offered to nobody', async () => {
  const { router, become } = routerOver([...VERIFIERS, ...DRAFTS]);
  const pinned = (await router.route('s')).drafts[0]!;
  become([...VERIFIERS, ...DRAFTS.map((draft) => ({ ...draft, draining: draft.id === pinned.id }))]);
  for (const id of ['s', 'another'])
    assert.ok((await router.route(id)).drafts.every((draft) => draft.id !== pinned.id));
});

test('drafts of another vocabulary are offered behind all that share the vocabulary of the verifier', async () => {
  const stranger = worker('draft-x', { vocabularyFingerprint: 'other' });
  const { router } = routerOver([...VERIFIERS, stranger]);
  assert.deepEqual((await router.route('s')).drafts, [stranger]);
  const mixed = routerOver([...VERIFIERS, stranger, ...DRAFTS]);
  for (let i = 0; i < 20; i++)
    assert.deepEqual((await mixed.router.route(`s${i}`)).drafts, [...rankWorkers(`s${i}`, DRAFTS), stranger]);
});

test('a model is served only by verifiers that have it', async () => {
  const big = worker('verifier-big', { model: 'big' });
  const { router } = routerOver([...VERIFIERS, big]);
  for (let i = 0; i < 20; i++)
    assert.equal((await router.route(`s${i}`, { model: 'big' })).verifier.id, 'verifier-big');
  await assert.rejects(router.route('s', { model: 'huge' }), isUnavailable(/alive that serves "huge"/));
});

test('without a verifier the error says so and when to retry', async () => {
  const { router } = routerOver(DRAFTS);
  await assert.rejects(router.route('s'), isUnavailable(/No verifier is alive/));
});

test('without its store it routes by rendezvous, says so once, and recovers', async () => {
  let away = true;
  let claims = 0;
  const memory = new MemorySessionStore({ leaseMs: 1000, now: () => 0 });
  const store: SessionStore = {
    claim: async (request) => {
      claims++;
      if (away) throw new AppError('unavailable', 'Redis is away.');
      return memory.claim(request);
    },
    release: (id) => memory.release(id),
    close: () => memory.close(),
  };
  const { router, clock, events } = routerOver(VERIFIERS, { store });
  for (let i = 0; i < 3; i++) {
    const route = await router.route('s');
    assert.deepEqual(route.verifier, rankWorkers('s', VERIFIERS)[0]);
    assert.equal(route.generation, 0n);
  }
  assert.equal(claims, 1, 'the store is left alone for a while after a failure');
  clock.ms += 1000;
  await router.route('s');
  away = false;
  clock.ms += 1000;
  assert.ok((await router.route('s')).generation > 0n);
  assert.deepEqual(events, ['pins true unavailable', 'pins false ']);
});

test('an aborted request and a hostile session id are refused before any work', async () => {
  const { router } = routerOver(VERIFIERS);
  await assert.rejects(
    router.route('s', { signal: AbortSignal.abort() }),
    (error: AppError) => error.code === 'cancelled',
  );
  await assert.rejects(router.route('x'.repeat(513)), (error: AppError) => error.field === 'session_id');
});
