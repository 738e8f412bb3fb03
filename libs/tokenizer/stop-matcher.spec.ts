import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AppError } from '#libs/errors/index.js';
import { StopMatcher } from './stop-matcher.js';

interface Outcome {
  readonly text: string;
  readonly stopped: string | undefined;
}

function feed(stops: readonly string[], chunks: readonly string[]): Outcome {
  const matcher = new StopMatcher(stops);
  let text = '';
  for (const chunk of chunks) {
    const result = matcher.push(chunk);
    text += result.text;
    if (result.stopped !== undefined) return { text, stopped: result.stopped };
  }
  return { text: text + matcher.flush(), stopped: undefined };
}

/** The definition, slowly: the stop that ends first, of those the longest. */
function search(stops: readonly string[], text: string): Outcome {
  for (let end = 1; end <= text.length; end++) {
    const ending = stops
      .filter((stop) => text.slice(0, end).endsWith(stop))
      .sort((a, b) => b.length - a.length);
    const stopped = ending[0];
    if (stopped !== undefined) return { text: text.slice(0, end - stopped.length), stopped };
  }
  return { text, stopped: undefined };
}

const letters = (maxLength: number) => fc.string({ unit: fc.constantFrom('a', 'b', '😀', '😁'), maxLength });
const stopSets = fc.array(
  letters(4).filter((stop) => stop !== ''),
  { maxLength: 4 },
);

test('any chunking of any text gives what a search of the whole text gives', () => {
  fc.assert(
    fc.property(stopSets, fc.array(letters(6), { maxLength: 12 }), (stops, chunks) => {
      assert.deepEqual(feed(stops, chunks), search(stops, chunks.join('')));
    }),
    { numRuns: 2000 },
  );
});

test('holds back only what may become a stop', () => {
  fc.assert(
    fc.property(stopSets, letters(20), (stops, text) => {
      const matcher = new StopMatcher(stops);
      const { text: emitted, stopped } = matcher.push(text);
      if (stopped !== undefined) return;
      const held = text.slice(emitted.length);
      assert.ok(held === '' || stops.some((stop) => stop !== held && stop.startsWith(held)));
      for (let length = held.length + 1; length <= text.length; length++)
        assert.ok(
          !stops.some((stop) => stop.startsWith(text.slice(-length))),
          'a longer suffix begins a stop',
        );
    }),
    { numRuns: 1000 },
  );
});

test('finds a stop across chunk borders, after a false start, and emits nothing behind it', () => {
  const matcher = new StopMatcher(['###END']);
  assert.deepEqual(matcher.push('answer ##'), { text: 'answer ', stopped: undefined });
  assert.deepEqual(matcher.push('##'), { text: '#', stopped: undefined });
  assert.deepEqual(matcher.push('END more'), { text: '', stopped: '###END' });
  assert.deepEqual(matcher.push('and more'), { text: '', stopped: '###END' });
  assert.equal(matcher.flush(), '');
});

test('the stop that ends first wins, of those that end together the longest', () => {
  assert.deepEqual(feed(['abcd', 'bc'], ['abcd']), { text: 'a', stopped: 'bc' });
  assert.deepEqual(feed(['c', 'abc', 'bc'], ['xabc']), { text: 'x', stopped: 'abc' });
});

test('without stops everything passes at once, and an empty stop is refused', () => {
  assert.deepEqual(new StopMatcher([]).push('abc'), { text: 'abc', stopped: undefined });
  assert.throws(
    () => new StopMatcher(['a', '']),
    (error) => error instanceof AppError && error.code === 'invalid_argument' && error.field === 'stop',
  );
});
