import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalJson } from './canonical-json.js';
import { journalKey, requestKey } from './request-key.js';

const keyOf = (body: unknown, route = '/r') => requestKey('k', route, body)!.fingerprint;

test('the order of members means nothing, everything else does', () => {
  const body = { a: 1, b: { c: [1, 2], d: null }, 2: 'x' };
  assert.equal(keyOf(body), keyOf({ 2: 'x', b: { d: null, c: [1, 2] }, a: 1 }));
  const others = [
    { ...body, a: 2 },
    { ...body, a: '1' },
    { ...body, b: { c: [2, 1], d: null } },
    { ...body, b: { c: [1, 2] } },
    { ...body, more: false },
    [body],
    'text',
  ];
  assert.equal(new Set([body, ...others].map((other) => keyOf(other))).size, others.length + 1);
  assert.notEqual(keyOf(body), keyOf(body, '/other'));
});

test('shapes that could be taken for each other are told apart', () => {
  const shapes = [
    {},
    [],
    null,
    { '': [] },
    [['a', 1]],
    { a: 1 },
    { a: { '': [] } },
    new Map([['b', 1]]),
    1n,
    '1n2',
  ];
  assert.equal(new Set(shapes.map(canonicalJson)).size, shapes.length);
  const hostile = JSON.parse('{"__proto__": {"x": 1}, "constructor": 2}');
  assert.notEqual(canonicalJson(hostile), canonicalJson({ constructor: 2 }));
});

test('a key lies where its tenant and it alone say, without showing either', () => {
  const key = { key: 'k', fingerprint: 'f' };
  assert.match(journalKey('t', key), /^[0-9a-f]{64}$/);
  assert.equal(journalKey('t', key), journalKey('t', { ...key, fingerprint: 'g' }));
  const all = [journalKey('t', key), journalKey('u', key), journalKey('tk', { ...key, key: '' })];
  assert.equal(new Set(all).size, 3);
});
