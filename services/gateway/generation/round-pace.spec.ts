import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RoundPace } from './round-pace.js';

test('of a verifier hardly seen nothing is concluded; later its own longest rounds decide', () => {
  const pace = new RoundPace(120_000);
  for (let i = 0; i < 15; i++) pace.observe('a:1', 'later', 20);
  assert.equal(pace.patienceWith('a:1', 'later'), 120_000);
  pace.observe('a:1', 'later', 20);
  assert.equal(pace.patienceWith('a:1', 'later'), 5_000);
  pace.observe('a:1', 'later', 900);
  assert.equal(pace.patienceWith('a:1', 'later'), 9_000);
  pace.observe('a:1', 'later', 60_000);
  assert.equal(pace.patienceWith('a:1', 'later'), 120_000);
  assert.equal(pace.patienceWith('a:1', 'first'), 120_000);
  assert.equal(pace.patienceWith('b:1', 'later'), 120_000);
});

test('long rounds are forgotten, and so are verifiers that are gone', () => {
  const pace = new RoundPace(120_000);
  pace.observe('a:1', 'first', 60_000);
  for (let i = 0; i < 64; i++) pace.observe('a:1', 'first', 100);
  assert.equal(pace.patienceWith('a:1', 'first'), 15_000);
  for (let i = 0; i < 600; i++) pace.observe(`b:${i}`, 'first', 1);
  assert.equal(pace.patienceWith('a:1', 'first'), 120_000);
});
