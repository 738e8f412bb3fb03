import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IncrementalDecoder, StopMatcher } from '#libs/tokenizer/index.js';
import { CompletionText } from './completion-text.js';

const END = 300;

/** Every byte is a token. */
function completion(stops: readonly string[] = [], includesStop = false): CompletionText {
  const pieceOf = (id: number) => (id < 256 ? Uint8Array.of(id) : undefined);
  return new CompletionText({
    decoder: new IncrementalDecoder({ pieceOf, leadingSpaces: 0 }),
    stops: new StopMatcher(stops),
    endTokens: [END],
    includesStop,
  });
}
/** Less the offsets, which have a test of their own. */
function pushed(text: CompletionText, tokens: readonly number[]) {
  const { offsets, ...piece } = text.push(tokens);
  assert.equal(offsets.length, piece.numTokens);
  return piece;
}
const bytes = (text: string) => [...Buffer.from(text)];

test('text comes as soon as it is certain', () => {
  const text = completion();
  const [first, second] = bytes('é') as [number, number];
  assert.deepEqual(pushed(text, [...bytes('a'), first]), { text: 'a', numTokens: 2, stopped: false });
  assert.deepEqual(pushed(text, [second]), { text: 'é', numTokens: 1, stopped: false });
  assert.equal(text.flush(), '');
});

test('a stop string is found across pushes, and the tokens after it do not count', () => {
  const text = completion(['stop']);
  assert.deepEqual(pushed(text, bytes('go st')), { text: 'go ', numTokens: 5, stopped: false });
  assert.deepEqual(pushed(text, bytes('op and on')), {
    text: '',
    numTokens: 2,
    stopped: true,
    stopString: 'stop',
  });
});

test('text that only began a stop string comes when it turns out not to be one', () => {
  const text = completion(['stop']);
  assert.equal(text.push(bytes('sto')).text, '');
  assert.equal(text.push(bytes('ry')).text, 'story');
  assert.equal(text.push(bytes('st')).text, '');
  assert.equal(text.flush(), 'st');
});

test('an end token stops, counts, shows nothing itself and lets out what was held back', () => {
  const text = completion(['stop']);
  assert.deepEqual(pushed(text, [...bytes('a st'), END, ...bytes('x')]), {
    text: 'a st',
    numTokens: 5,
    stopped: true,
  });
});

test('an unfinished character at the end shows as U+FFFD', () => {
  const text = completion();
  assert.equal(text.push([bytes('é')[0]!]).text, '');
  assert.equal(text.flush(), '\ufffd');
});

test('what stops the text is part of it where that was asked for', () => {
  const stopped = completion(['st', 'stop'], true);
  assert.equal(stopped.push(bytes('a s')).text, 'a ');
  assert.deepEqual(pushed(stopped, bytes('top')), {
    text: 'st',
    numTokens: 1,
    stopped: true,
    stopString: 'st',
  });
  const ended = completion(['stop'], true);
  assert.deepEqual(pushed(ended, [...bytes('a st'), END]), { text: 'a st', numTokens: 5, stopped: true });
});

test('offsets count code points, of the parts of a character and of text held back too', () => {
  const text = completion(['stop']);
  assert.deepEqual(text.push(bytes('a😀b')).offsets, [0, 1, 1, 1, 1, 2]);
  assert.deepEqual(text.push(bytes('st')).offsets, [3, 4]);
  assert.deepEqual(text.push([...bytes('y'), END]).offsets, [5, 6]);
});
