import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { AppError } from '#libs/errors/index.js';
import type { JournalReceipt } from '#libs/session/index.js';
import { JournalWriter } from './journal-writer.js';

/** A store that answers as it is told, and remembers what it was asked. */
function writerUnderTest(t: TestContext) {
  const appended: (readonly [from: number, texts: readonly string[]])[] = [];
  const endings: string[] = [];
  const degradations: AppError[] = [];
  const store = {
    says: async (): Promise<JournalReceipt> => 'kept',
    append: async (_key: string, _owner: string, from: number, texts: readonly string[]) => {
      appended.push([from, texts]);
      return store.says();
    },
    end: async (_key: string, _owner: string, ending: string) => void endings.push(ending),
  };
  const writer = new JournalWriter({
    store,
    key: 'k',
    owner: 'o',
    from: 2,
    leaseMs: 600_000,
    onDegraded: (cause) => void degradations.push(cause),
  });
  t.after(() => writer.end('release'));
  return { store, writer, appended, endings, degradations };
}

const away = async (): Promise<JournalReceipt> => {
  throw new AppError('unavailable', 'gone');
};

test('entries may be shown once they are kept, in order, each with its place', async (t) => {
  const { writer, appended, endings } = writerUnderTest(t);
  assert.deepEqual(await Promise.all(['a', 'b', 'c'].map((text) => writer.add(text))), [true, true, true]);
  assert.deepEqual(
    appended.flatMap(([, texts]) => texts),
    ['a', 'b', 'c'],
  );
  assert.equal(writer.numKept, 5);
  await writer.end('complete');
  await writer.end('forget');
  assert.deepEqual(endings, ['complete']);
});

test('a fenced owner shows nothing more, and knows what was kept', async (t) => {
  const { writer, store, endings } = writerUnderTest(t);
  await writer.add('a');
  store.says = async () => 'fenced';
  assert.deepEqual([await writer.add('b'), await writer.add('c')], [false, false]);
  assert.equal(writer.numKept, 3);
  await writer.end('complete');
  assert.deepEqual(endings, [], 'it is not its own to end');
});

test('with the store away entries are shown at once, and made good with the next that gets through', async (t) => {
  const { writer, store, appended, endings, degradations } = writerUnderTest(t);
  store.says = away;
  for (const text of ['a', 'b', 'c']) assert.equal(await writer.add(text), true);
  assert.equal(appended.length, 1, 'only the first has waited for it');
  assert.equal(degradations.length, 1);
  store.says = async () => 'kept';
  await writer.end('complete');
  assert.deepEqual(appended.at(-1), [2, ['a', 'b', 'c']]);
  assert.deepEqual(endings, ['complete']);
});

test('a journal that lacks its last entries is never called complete', async (t) => {
  const { writer, store, endings } = writerUnderTest(t);
  store.says = away;
  await writer.add('a');
  await writer.end('complete');
  assert.deepEqual(endings, ['release']);
});

test('an owner that has shown more than was kept goes on alone when it is fenced, and so does one whose journal is gone', async (t) => {
  for (const receipt of ['fenced', 'gone'] as const) {
    const { writer, store, endings, appended } = writerUnderTest(t);
    if (receipt === 'fenced') {
      store.says = away;
      await writer.add('a');
    }
    store.says = async () => receipt;
    // The timer would try again; the end does.
    if (receipt === 'gone') assert.equal(await writer.add('b'), true);
    await writer.end('complete');
    assert.equal(await writer.add('c'), true);
    assert.deepEqual(endings, []);
    assert.ok(!appended.some(([, texts]) => texts.includes('c')));
  }
});
