import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BLOCK_FORMATS } from './block-formats.js';

// Byte i of a block is (37 i + 11) mod 256, with float16 scales put in. Expected: Σ (i + 1) · w_i and the weights at
// 0, 1, n/2 and n - 1, as the gguf Python package (0.17) decodes them.
type Case = [name: string, halves: [at: number, bits: number][], checksum: number, samples: number[]];
const HALF = 0x3800;
const QUARTER = 0x3400;
const MINUS_ONE_AND_A_QUARTER = 0xbd00;
const CASES: Case[] = [
  ['Q4_0', [[0, HALF]], -259, [-1.5, 1, -1.5, 0]],
  [
    'Q4_1',
    [
      [0, HALF],
      [2, MINUS_ONE_AND_A_QUARTER],
    ],
    1331.5,
    [6.25, 0.75, 3.25, 4.75],
  ],
  ['Q5_0', [[0, HALF]], 56, [4.5, -1, 7, 0.5]],
  [
    'Q5_1',
    [
      [0, HALF],
      [2, MINUS_ONE_AND_A_QUARTER],
    ],
    3290.5,
    [8.25, 10.75, 8.25, 1.25],
  ],
  ['Q8_0', [[0, HALF]], -4040, [42.5, 61, -45.5, -24]],
  [
    'Q4_K',
    [
      [0, HALF],
      [2, QUARTER],
    ],
    3_786_420,
    [157.75, -12.75, 211.5, 24.25],
  ],
  [
    'Q5_K',
    [
      [0, HALF],
      [2, QUARTER],
    ],
    8_013_724,
    [405.75, -12.75, 523.5, 54.25],
  ],
  ['Q6_K', [[208, HALF]], 392_210, [-715.5, 848, -175.5, -30]],
];

for (const [name, halves, checksum, samples] of CASES) {
  test(`decodes a block of ${name} as the reference does`, () => {
    const format = [...BLOCK_FORMATS.values()].find((each) => each.name === name)!;
    const source = Buffer.from(Array.from({ length: format.bytesPerBlock }, (_, i) => (37 * i + 11) & 255));
    for (const [at, bits] of halves) source.writeUInt16LE(bits, at);
    const n = format.weightsPerBlock;
    const weights = new Float32Array(n);
    format.decode(source, weights);
    assert.deepEqual(
      [0, 1, n / 2, n - 1].map((i) => weights[i]),
      samples,
    );
    assert.equal(
      weights.reduce((sum, w, i) => sum + (i + 1) * w, 0),
      checksum,
    );
  });
}

test('decodes halves and bfloat16, subnormals and infinities included', () => {
  const decode = (type: number, bits: number[]) => {
    const source = Buffer.alloc(2 * bits.length);
    for (const [i, value] of bits.entries()) source.writeUInt16LE(value, 2 * i);
    const target = new Float32Array(bits.length);
    BLOCK_FORMATS.get(type)!.decode(source, target);
    return [...target];
  };
  assert.deepEqual(decode(1, [0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00]), [
    1,
    -2,
    2 ** -24,
    65_504,
    Number.POSITIVE_INFINITY,
  ]);
  assert.deepEqual(decode(30, [0x3f80, 0xc000, 0x7f80]), [1, -2, Number.POSITIVE_INFINITY]);
});
