import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { interleaved } from './interleaved.js';

interface Source {
  produced: number;
  ended: boolean;
}

/** Yields `name` and a number, `length` times; then fails, if it must. */
async function* source(
  name: string,
  length: number,
  state: Source,
  error?: Error | undefined,
): AsyncGenerator<string> {
  try {
    for (let i = 0; i < length; i++) {
      state.produced++;
      yield `${name}${i}`;
    }
    if (error) throw error;
  } finally {
    state.ended = true;
  }
}
const fresh = (): Source => ({ produced: 0, ended: false });

test('all items of all streams come, each stream in its order, none before another had its turn', async () => {
  const items: string[] = [];
  const streams = [source('a', 3, fresh()), source('b', 1, fresh()), source('c', 2, fresh())];
  for await (const item of interleaved(streams, () => {})) items.push(item);
  assert.deepEqual(items, ['a0', 'b0', 'c0', 'a1', 'c1', 'a2']);
});

test('no streams are an empty stream', async () => {
  for await (const item of interleaved<string>([], () => {})) assert.fail(item);
});

test('a reader that does not read makes each stream stop after one item', async () => {
  const states = [fresh(), fresh()];
  const merged = interleaved(
    states.map((state) => source('x', 100, state)),
    () => {},
  );
  await merged.next();
  for (let i = 0; i < 10; i++) await turn();
  assert.deepEqual(
    states.map(({ produced }) => produced),
    [1, 1],
  );
  await merged.return(undefined);
});

test('a reader that leaves, or a stream that fails, ends all streams, also one that waits', async () => {
  const failures: readonly (Error | undefined)[] = [undefined, new Error('lost')];
  for (const failure of failures) {
    const states = [fresh(), fresh()];
    const stopped = new AbortController();
    async function* waiting(): AsyncGenerator<string> {
      try {
        await new Promise((_, reject) => {
          stopped.signal.addEventListener('abort', () => reject(new Error('stopped')));
        });
      } finally {
        states[1]!.ended = true;
      }
      yield 'never';
    }
    const merged = interleaved([source('a', 1, states[0]!, failure), waiting()], () => stopped.abort());
    const read = async () => {
      for await (const _ of merged) if (failure === undefined) break;
    };
    if (failure === undefined) await read();
    else await assert.rejects(read, /lost/);
    assert.ok(states.every(({ ended }) => ended));
  }
});
