import assert from 'node:assert/strict';
import { test } from 'node:test';
import { worker } from '../../test/support/session-contract.js';
import { bestVerifier } from './best-verifier.js';
import { HeldPrefixes, MAX_HELD_PREFIXES } from './held-prefixes.js';
import { BLOCK_TOKENS, prefixHashes } from './prefix-hashes.js';
import { parseWorkerStatus, statusText } from './worker-status.js';

const sequence = (numBlocks: number, from = 0) =>
  Array.from({ length: numBlocks * BLOCK_TOKENS }, (_, i) => from + i);

function verifier(name: string, running: number, ...sequences: (readonly number[])[]) {
  const held = new HeldPrefixes(1e6);
  for (const tokens of sequences) held.enter('salt', tokens);
  return worker(`verifier-${name}`, { status: { running, maxRunning: 64, prefixes: held.hashes } });
}

const chosen = (numBlocks: number, ...ranked: ReturnType<typeof verifier>[]) =>
  bestVerifier(ranked, prefixHashes('salt', sequence(numBlocks))).id.slice('verifier-'.length);

test('the verifier that has read the longest beginning is chosen, whatever its rank', () => {
  assert.equal(
    chosen(4, verifier('a', 0), verifier('b', 0, sequence(2)), verifier('c', 0, sequence(3))),
    'c',
  );
  assert.equal(chosen(4, verifier('a', 0), verifier('b', 3, sequence(9))), 'b', 'more than was asked for');
  assert.equal(chosen(4, verifier('a', 0), verifier('b', 0, sequence(4, 1))), 'a', 'other tokens');
  assert.equal(chosen(0, verifier('a', 0), verifier('b', 0, sequence(4))), 'a', 'too short to tell');
});

test('of those that have read as much the less busy one is chosen, and an overloaded one never', () => {
  assert.equal(chosen(4, verifier('a', 5, sequence(4)), verifier('b', 3, sequence(4))), 'b');
  assert.equal(chosen(4, verifier('a', 1), verifier('b', 8, sequence(4))), 'b');
  assert.equal(chosen(4, verifier('a', 0), verifier('b', 8, sequence(4))), 'a');
  assert.equal(
    chosen(4, verifier('a', 64, sequence(1)), verifier('b', 64, sequence(4))),
    'a',
    'all are full',
  );
});

test('without a beginning in common the first goes unless it is noticeably busier than the second', () => {
  assert.equal(chosen(4, verifier('a', 1), verifier('b', 0)), 'a');
  assert.equal(chosen(4, verifier('a', 9), verifier('b', 7), verifier('c', 0)), 'b');
  const silent = worker('verifier-b');
  assert.equal(bestVerifier([verifier('a', 9), silent], []).id, 'verifier-a', 'of one nothing is known');
  assert.equal(bestVerifier([silent], ['x']).id, 'verifier-b');
});

test('the same tokens under another salt, or behind other tokens, have other hashes', () => {
  const tokens = sequence(3);
  const hashes = prefixHashes('salt', tokens);
  assert.equal(hashes.length, 3);
  assert.deepEqual(prefixHashes('salt', [...tokens.slice(0, 2 * BLOCK_TOKENS), 7]), hashes.slice(0, 2));
  for (const other of [
    prefixHashes('other', tokens),
    prefixHashes(undefined, tokens),
    prefixHashes('salt', [9, ...tokens.slice(1)]),
  ])
    assert.equal(new Set([...hashes, ...other]).size, 6);
});

test('what is told is bounded: the newest sequences, each from its beginning on', () => {
  const held = new HeldPrefixes(1e6);
  const [old, long, small] = [sequence(10, 1), sequence(MAX_HELD_PREFIXES + 50, 2), sequence(5, 3)];
  for (const tokens of [old, long, small]) held.enter('salt', tokens);
  assert.equal(held.hashes.size, MAX_HELD_PREFIXES);
  assert.ok(prefixHashes('salt', small).every((hash) => held.hashes.has(hash)));
  const known = prefixHashes('salt', long).map((hash) => held.hashes.has(hash));
  assert.equal(known.lastIndexOf(true), known.indexOf(false) - 1);
  assert.ok(!prefixHashes('salt', old).some((hash) => held.hashes.has(hash)));
  held.clear();
  assert.equal(held.hashes.size, 0);
  const tiny = new HeldPrefixes(3 * BLOCK_TOKENS);
  tiny.enter('salt', long);
  assert.deepEqual(new Set(tiny.hashes), new Set(prefixHashes('salt', long).slice(0, 3)));
});

test('a status survives its way through Redis, and what is none is nothing', () => {
  const status = { running: 3, maxRunning: 9, prefixes: new Set(prefixHashes('s', sequence(2))) };
  assert.deepEqual(parseWorkerStatus(statusText(status)), status);
  for (const text of [
    null,
    '',
    '[]',
    'x'.repeat(20_000),
    JSON.stringify({ running: -1, maxRunning: 9, prefixes: [] }),
    JSON.stringify({ running: 1, maxRunning: 9, prefixes: ['not a hash!!'] }),
    JSON.stringify({ running: 1, maxRunning: 9, prefixes: new Array(300).fill('AAAAAAAAAAAA') }),
  ])
    assert.equal(parseWorkerStatus(text), undefined);
});
