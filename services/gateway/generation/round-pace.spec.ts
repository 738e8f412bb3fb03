import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RoundPace } from './round-pace.js';

test('of a verifier hardly seen nothing is concluded; later its own longest rounds decide', () => {
  const pace = new RoundPace(120_000);
  const { first, later } = pace.with('a:1');
  for (let i = 0; i < 15; i++) later.observe(20);
  assert.equal(later.patienceMs, 120_000);
  later.observe(20);
  assert.equal(later.patienceMs, 5_000);
  later.observe(900);
  assert.equal(later.patienceMs, 9_000);
  later.observe(60_000);
  assert.equal(later.patienceMs, 120_000);
  assert.equal(first.patienceMs, 120_000);
  assert.equal(pace.with('b:1').later.patienceMs, 120_000);
});

test('long rounds are forgotten, and so are verifiers that are gone', () => {
  const pace = new RoundPace(120_000);
  const { first } = pace.with('a:1');
  first.observe(60_000);
  for (let i = 0; i < 64; i++) first.observe(100);
  assert.equal(pace.with('a:1').first.patienceMs, 15_000);
  for (let i = 0; i < 300; i++) pace.with(`b:${i}`);
  assert.equal(pace.with('a:1').first.patienceMs, 120_000);
});
