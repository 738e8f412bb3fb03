import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { ANONYMOUS, ApiKeys } from './api-keys.js';
import { authenticator } from './authenticator.js';

const ALICE = 'sk-alice-0123456789';
const BOB = 'sk-bob-0123456789';
const of = (...entries: string[]) => ApiKeys.of([{ origin: 'HERE', entries }]);

test('a key belongs to its tenant, several keys may belong to one, and a wrong key to nobody', () => {
  const keys = of(`alice:${ALICE}`, `bob:${BOB}`, `alice:${ALICE}-2`);
  assert.equal(keys.tenantOf(ALICE), 'alice');
  assert.equal(keys.tenantOf(`${ALICE}-2`), 'alice');
  assert.equal(keys.tenantOf(BOB), 'bob');
  assert.deepEqual(keys.tenants, ['alice', 'bob']);
  for (const wrong of [
    undefined,
    '',
    'alice',
    `alice:${ALICE}`,
    ALICE.slice(1),
    `${ALICE} `,
    ALICE.toUpperCase(),
  ])
    assert.throws(() => keys.tenantOf(wrong), { code: 'invalid_api_key' });
});

test("a key without a name has one that doesn't show it and doesn't depend on its place", () => {
  const name = of(ALICE).tenantOf(ALICE);
  assert.match(name, /^key-[0-9a-f]{8}$/);
  assert.equal(of(BOB, ALICE).tenantOf(ALICE), name);
  assert.notEqual(of(BOB).tenantOf(BOB), name);
});

test('a key may be given by its digest alone, which is no key itself', () => {
  const digest = createHash('sha256').update(ALICE).digest('hex');
  for (const keys of [of(`alice:sha256:${digest}`), of(`alice:sha256:${digest.toUpperCase()}`)]) {
    assert.equal(keys.tenantOf(ALICE), 'alice');
    assert.throws(() => keys.tenantOf(digest), { code: 'invalid_api_key' });
  }
  assert.throws(() => of(`alice:${ALICE}`, `alice:sha256:${digest}`), /repeats a key/);
  for (const bad of [`sha256:${digest}:x`, `alice:sha256:${digest.slice(1)}`, `alice:md5:${digest}`])
    assert.throws(() => of(bad), { code: 'failed_precondition' });
});

test('without keys everybody is the same anonymous tenant', () => {
  assert.equal(ApiKeys.none.required, false);
  assert.equal(ApiKeys.none.tenantOf(undefined), ANONYMOUS);
  assert.equal(ApiKeys.none.tenantOf('anything'), ANONYMOUS);
});

test('a malformed entry is named by its place, and never shown', () => {
  const SHORT = 'secret';
  for (const bad of [
    SHORT,
    'name:',
    `a b:${ALICE}`,
    `:${ALICE}`,
    `a:b:${ALICE}`,
    'x'.repeat(257),
    `é${ALICE}`,
  ])
    assert.throws(
      () => of(BOB, bad),
      ({ code, message }: Error & { code: string }) =>
        code === 'failed_precondition' && /HERE, entry 2/.test(message) && !message.includes(bad),
    );
  assert.throws(() => of(ALICE, `again:${ALICE}`), /entry 2: repeats a key/);
  assert.throws(() => of(), /HERE: holds no key/);
});

test('a key is read from either header, and an unreadable Authorization presents none', () => {
  let refusals = 0;
  const authenticate = authenticator(of(`alice:${ALICE}`), () => refusals++);
  const ask = (headers: Record<string, string>) => authenticate((name) => headers[name]);
  assert.equal(ask({ authorization: `Bearer ${ALICE}` }), 'alice');
  assert.equal(ask({ authorization: `bearer  ${ALICE}` }), 'alice');
  assert.equal(ask({ 'x-api-key': ALICE }), 'alice');
  const refused: Record<string, string>[] = [
    {},
    { authorization: ALICE },
    { authorization: `Basic ${ALICE}` },
    { authorization: `Bearer ${ALICE} x` },
    { authorization: 'Bearer wrong', 'x-api-key': ALICE },
    { 'x-api-key': `Bearer ${ALICE}` },
  ];
  for (const headers of refused) assert.throws(() => ask(headers), { code: 'invalid_api_key' });
  assert.equal(refusals, refused.length);
});
