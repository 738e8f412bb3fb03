import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { GREEDY } from '#libs/sampling/index.js';
import { PastOutputs } from './past-outputs.js';
import { SuffixLookup } from './suffix-lookup.js';

const ROOMY = { maxBytes: 2 ** 20 };
const PLAN = { maxTokens: 4, minConfidence: 0 };

function counting(from: number, length: number): number[] {
  return Array.from({ length }, (_, i) => from + i);
}

async function drafted(past: PastOutputs, tokens: readonly number[], cacheSalt?: string) {
  const sequence = { sessionId: 's', tokens, promptLength: 1, sampling: GREEDY, cacheSalt };
  const { proposal, confidences = [] } = await new SuffixLookup(past).propose(sequence, PLAN);
  return { tokens: [...proposal.tokens], confidences: Array.from(confidences) };
}

test('what followed in an earlier output is proposed, up to its end', async () => {
  const past = new PastOutputs(ROOMY);
  past.enter('', counting(10, 8));
  past.enter('', counting(50, 8));
  assert.deepEqual((await drafted(past, [1, 10, 11, 12])).tokens, [13, 14, 15, 16]);
  assert.deepEqual((await drafted(past, [1, 13, 14, 15])).tokens, [16, 17], 'not into the next output');
  assert.deepEqual((await drafted(past, [1, 11, 12])).tokens, [], 'two tokens are chance');
  assert.deepEqual((await drafted(past, [99, 98, 97])).tokens, []);
});

test('the most frequent continuation is drafted, and its share of the places is the confidence', async () => {
  const past = new PastOutputs(ROOMY);
  for (const next of [7, 8, 7, 7, 9]) past.enter('', [1, 2, 3, next, next]);
  const { tokens, confidences } = await drafted(past, [1, 2, 3]);
  assert.deepEqual(tokens, [7, 7]);
  // Three of five places, of three tokens each, beside the doubt of 1.5.
  assert.ok(Math.abs(confidences[0]! - 9 / 16.5) < 1e-9, String(confidences[0]));
  assert.ok(confidences[1]! > confidences[0]!, 'those that went on otherwise are out of it');
});

test('a longer agreement outvotes a shorter one', async () => {
  const past = new PastOutputs(ROOMY);
  past.enter('', [...counting(10, 12), 70, 71]);
  for (let i = 0; i < 3; i++) past.enter('', [19, 20, 21, 80, 81]);
  assert.deepEqual((await drafted(past, counting(10, 12))).tokens, [70, 71]);
});

test('two salts never see one another, and none is a salt of its own', async () => {
  const past = new PastOutputs(ROOMY);
  past.enter('a', counting(10, 8));
  assert.deepEqual((await drafted(past, [10, 11, 12], 'a')).tokens, [13, 14, 15, 16]);
  assert.deepEqual((await drafted(past, [10, 11, 12], 'b')).tokens, []);
  assert.deepEqual((await drafted(past, [10, 11, 12])).tokens, []);
});

test('the bytes are bounded, and what was used least recently goes first', async () => {
  const segmentTokens = { first: 16, most: 16 };
  const past = new PastOutputs({ maxBytes: 1000, segmentTokens });
  past.enter('old', counting(100, 15));
  past.enter('used', counting(200, 15));
  past.enter('third', counting(300, 15));
  assert.notDeepEqual((await drafted(past, [100, 101, 102], 'old')).tokens, []);
  past.enter('new', counting(400, 15));
  assert.ok(past.bytes <= 1000, String(past.bytes));
  assert.deepEqual((await drafted(past, [200, 201, 202], 'used')).tokens, []);
  assert.notDeepEqual((await drafted(past, [100, 101, 102], 'old')).tokens, []);
  assert.notDeepEqual((await drafted(past, [400, 401, 402], 'new')).tokens, []);
});

test('an output longer than a segment goes on in the next one', async () => {
  const past = new PastOutputs({ maxBytes: 2 ** 20, segmentTokens: { first: 16, most: 32 } });
  past.enter('', counting(10, 200));
  for (const from of [10, 60, 120, 190])
    assert.equal((await drafted(past, counting(from, 3))).tokens[0], from + 3);
});

test('without room nothing is kept', async () => {
  const past = new PastOutputs({ maxBytes: 10 });
  past.enter('', counting(10, 100));
  assert.equal(past.bytes, 0);
  assert.deepEqual((await drafted(past, counting(10, 5))).tokens, []);
});

test('a place is found wherever a scan finds the text’s last eight tokens', () => {
  const text = fc.array(fc.nat(2), { minLength: 9, maxLength: 40 });
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 6 }), text, (outputs, asked) => {
      const past = new PastOutputs(ROOMY);
      for (const output of outputs) past.enter('', output);
      const tail = asked.slice(-8).join();
      const scanned = outputs.flatMap((output) =>
        output.flatMap((next, i) => (i >= 8 && output.slice(i - 8, i).join() === tail ? [next] : [])),
      );
      const found = past.find('', asked).filter(({ length }) => length >= 8);
      const going = found.map(({ text: segment, next }) => segment.at(next)).filter((token) => token >= 0);
      assert.deepEqual(going.sort(), scanned.sort());
    }),
  );
});
