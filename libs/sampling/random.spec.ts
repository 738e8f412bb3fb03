import assert from 'node:assert/strict';
import { test } from 'node:test';
import { philox4x32 } from './philox.js';
import { coupledKey, keyedRandom, Purpose, uniform } from './random.js';

const SEED = 0x0123_4567_89ab_cdefn;

// Counter, key and output: the philox4x32-10 lines of kat_vectors in the Random123 distribution.
const KNOWN_ANSWERS: readonly (readonly [readonly number[], readonly [number, number], readonly number[]])[] =
  [
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ];

test('Philox4x32-10 gives the published answers', () => {
  for (const [counter, [low, high], expected] of KNOWN_ANSWERS) {
    const words = Uint32Array.from(counter);
    philox4x32(words, low, high);
    assert.deepEqual([...words], expected);
  }
});

test('a draw is a function of seed, round start, position and purpose, and of each of them', () => {
  const draw = uniform(SEED, 10, 12, Purpose.DRAFT);
  assert.equal(keyedRandom(SEED, 10)(12, Purpose.DRAFT), draw);
  const others = [
    uniform(SEED + 1n, 10, 12, Purpose.DRAFT),
    uniform(SEED ^ (1n << 63n), 10, 12, Purpose.DRAFT),
    uniform(SEED, 11, 12, Purpose.DRAFT),
    uniform(SEED, 10, 13, Purpose.DRAFT),
    uniform(SEED, 10, 12, Purpose.ACCEPT),
    uniform(SEED, 10, 12, Purpose.RESAMPLE),
  ];
  assert.equal(new Set([draw, ...others]).size, others.length + 1);
});

test('the order of draws does not matter', () => {
  const random = keyedRandom(SEED, 3);
  const forward = [3, 4, 5].map((position) => random(position, Purpose.ACCEPT));
  const backward = [5, 4, 3].map((position) => random(position, Purpose.ACCEPT)).reverse();
  assert.deepEqual(forward, backward);
});

test('seeds are read modulo 2^64, so a negative one is its two’s complement', () => {
  assert.equal(uniform(-1n, 0, 0, Purpose.DRAFT), uniform((1n << 64n) - 1n, 0, 0, Purpose.DRAFT));
});

test('draws lie in [0, 1), have mean 1/2, variance 1/12, and fill 16 cells evenly', () => {
  const cells = new Array<number>(16).fill(0);
  let sum = 0;
  let squares = 0;
  const count = 80_000;
  for (let i = 0; i < count; i++) {
    const u = uniform(BigInt(i >>> 4), i & 3, i & 15, Purpose.ACCEPT);
    assert.ok(u >= 0 && u < 1);
    sum += u;
    squares += u * u;
    cells[Math.floor(u * 16)]!++;
  }
  assert.ok(Math.abs(sum / count - 1 / 2) < 0.004);
  assert.ok(Math.abs(squares / count - (sum / count) ** 2 - 1 / 12) < 0.002);
  const expected = count / 16;
  const statistic = cells.reduce((total, cell) => total + (cell - expected) ** 2 / expected, 0);
  // 99.9 % quantile of chi-squared with 15 degrees of freedom.
  assert.ok(statistic < 37.7, `chi-squared ${statistic}`);
});

test('draws of neighbouring keys are uncorrelated', () => {
  const neighbours: Record<string, (i: number) => [number, number]> = {
    purposes: (i) => [uniform(7n, i, i, Purpose.DRAFT), uniform(7n, i, i, Purpose.ACCEPT)],
    positions: (i) => [uniform(7n, 0, i, Purpose.DRAFT), uniform(7n, 0, i + 1, Purpose.DRAFT)],
    'round starts': (i) => [uniform(7n, i, 9, Purpose.DRAFT), uniform(7n, i + 1, 9, Purpose.DRAFT)],
    seeds: (i) => [uniform(BigInt(i), 1, 2, Purpose.DRAFT), uniform(BigInt(i + 1), 1, 2, Purpose.DRAFT)],
  };
  const count = 40_000;
  for (const [name, pair] of Object.entries(neighbours)) {
    let product = 0;
    for (let i = 0; i < count; i++) {
      const [a, b] = pair(i);
      product += (a - 0.5) * (b - 0.5);
    }
    // Four standard deviations of an estimate from independent pairs.
    assert.ok(Math.abs((product / count) * 12) < 4 / Math.sqrt(count), name);
  }
});

test('the noise that draft and target share has a key of seed and position, and of each of them', () => {
  const key = coupledKey(SEED, 12);
  assert.deepEqual(coupledKey(SEED, 12), key);
  assert.deepEqual(coupledKey(SEED + (1n << 64n), 12), key);
  for (const other of [coupledKey(SEED + 1n, 12), coupledKey(SEED ^ (1n << 63n), 12), coupledKey(SEED, 13)])
    assert.notDeepEqual(other, key);
});
