import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { rankWorkers } from './rendezvous.js';

const ids = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 12 });
const asWorkers = (names: readonly string[]) => names.map((id) => ({ id }));
const ranked = (key: string, names: readonly string[]) =>
  rankWorkers(key, asWorkers(names)).map(({ id }) => id);

test('the order is a permutation that does not depend on the order of the workers', () => {
  fc.assert(
    fc.property(fc.string(), ids, (key, names) => {
      const order = ranked(key, names);
      assert.deepEqual([...order].sort(), [...names].sort());
      assert.deepEqual(ranked(key, [...names].reverse()), order);
    }),
  );
});

test('a worker that leaves moves nothing else: the others keep their order', () => {
  fc.assert(
    fc.property(fc.string(), ids, fc.nat(), (key, names, pick) => {
      const gone = names[pick % names.length]!;
      const rest = names.filter((name) => name !== gone);
      assert.deepEqual(
        ranked(key, rest),
        ranked(key, names).filter((name) => name !== gone),
      );
    }),
  );
});

test('keys spread evenly over workers', () => {
  const names = ['verifier-1', 'verifier-2', 'verifier-3', 'verifier-4'];
  const wins = new Map<string, number>();
  for (let i = 0; i < 4000; i++) {
    const winner = ranked(`session-${i}`, names)[0]!;
    wins.set(winner, (wins.get(winner) ?? 0) + 1);
  }
  // Four standard deviations of a binomial(4000, 1/4) are 110.
  for (const name of names) assert.ok(Math.abs(wins.get(name)! - 1000) < 110, `${name}: ${wins.get(name)}`);
});

test('the order is the same in every version of this program', () => {
  // By hand: sha256(hex(sha256(UTF-16LE of the key)) + id), first eight bytes, descending.
  assert.deepEqual(ranked('session', ['a', 'b', 'c', 'd']), ['a', 'd', 'b', 'c']);
});

test('no workers rank to none, and the given list is left alone', () => {
  assert.deepEqual(rankWorkers('key', []), []);
  const workers = Object.freeze(asWorkers(['b', 'a', 'c']));
  rankWorkers('key', workers);
  assert.deepEqual(workers, asWorkers(['b', 'a', 'c']));
});
