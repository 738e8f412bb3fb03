import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { History } from './history.js';

function countsOf(tokens: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const token of tokens) counts.set(token, tokens.filter((each) => each === token).length);
  return counts;
}

const sorted = (counts: ReadonlyMap<number, number>) => [...counts].sort(([a], [b]) => a - b);

test('counts follow every push, pop and continuation, whenever they are first asked for', () => {
  const token = fc.nat(4);
  const step = fc.oneof(
    token.map((value) => ({ push: value })),
    fc.constant({ pop: true }),
    fc.array(token, { maxLength: 4 }).map((draft) => ({ draft })),
    fc.constant({ ask: true }),
  );
  fc.assert(
    fc.property(fc.array(token, { maxLength: 8 }), fc.nat(8), fc.array(step), (committed, cut, steps) => {
      const promptLength = Math.min(cut, committed.length);
      const history = new History(committed, promptLength);
      let added: number[] = [];
      for (const each of steps) {
        if ('push' in each) {
          history.push(each.push);
          added.push(each.push);
        } else if ('pop' in each) assert.equal(history.pop(), added.pop());
        else if ('draft' in each) {
          const count = Math.min(2, each.draft.length);
          assert.equal(history.continueWith(each.draft, count), history);
          added = each.draft.slice(0, count);
        } else history.seen;
      }
      const all = [...committed, ...added];
      assert.deepEqual(sorted(history.seen), sorted(countsOf(all)));
      assert.deepEqual(sorted(history.generated), sorted(countsOf(all.slice(promptLength))));
      assert.deepEqual([history.length, history.generatedLength], [all.length, all.length - promptLength]);
      for (let i = -1; i <= all.length; i++) assert.equal(history.tokenAt(i), all[i]);
    }),
  );
});

test('tokens appended to the committed ones later do not count', () => {
  const committed = [1, 2];
  const history = new History(committed, 1);
  committed.push(3);
  history.push(3);
  assert.deepEqual([history.length, history.tokenAt(2), history.tokenAt(3)], [3, 3, undefined]);
  assert.deepEqual(
    sorted(history.generated),
    sorted(
      new Map([
        [2, 1],
        [3, 1],
      ]),
    ),
  );
});

test('a prompt that is not a part of the history is refused', () => {
  for (const promptLength of [-1, 3, 0.5, Number.NaN])
    assert.throws(() => new History([1, 2], promptLength), RangeError);
});
