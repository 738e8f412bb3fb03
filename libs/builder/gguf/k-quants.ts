// GGUF's K-quants: 256 weights a block, in sub-blocks with their own 6-bit (Q4_K, Q5_K) or 8-bit (Q6_K) scales.
// Layouts: block_q4_K, block_q5_K and block_q6_K in github.com/ggml-org/ggml/blob/master/src/ggml-common.h.
import { float16Table } from '../float16.js';

/** The 6-bit scale and minimum of sub-block `j` of 8, packed in 12 bytes at `at`. */
function scaleAndMin(source: Buffer, at: number, j: number): [number, number] {
  if (j < 4) return [source[at + j]! & 63, source[at + j + 4]! & 63];
  const low = source[at + j + 4]!;
  return [(low & 15) | ((source[at + j - 4]! >> 6) << 4), (low >> 4) | ((source[at + j]! >> 6) << 4)];
}

export function decodeQ4K(source: Buffer, target: Float32Array): void {
  const halves = float16Table();
  for (let block = 0, at = 0; block < target.length; block += 256, at += 144) {
    const d = halves[source.readUInt16LE(at)]!;
    const dmin = halves[source.readUInt16LE(at + 2)]!;
    for (let j = 0; j < 8; j++) {
      const [scale, min] = scaleAndMin(source, at + 4, j);
      const nibbles = at + 16 + (j >> 1) * 32;
      const shift = (j & 1) * 4;
      for (let l = 0; l < 32; l++) {
        const q = (source[nibbles + l]! >> shift) & 15;
        target[block + j * 32 + l] = d * scale * q - dmin * min;
      }
    }
  }
}

export function decodeQ5K(source: Buffer, target: Float32Array): void {
  const halves = float16Table();
  for (let block = 0, at = 0; block < target.length; block += 256, at += 176) {
    const d = halves[source.readUInt16LE(at)]!;
    const dmin = halves[source.readUInt16LE(at + 2)]!;
    for (let j = 0; j < 8; j++) {
      const [scale, min] = scaleAndMin(source, at + 4, j);
      const nibbles = at + 48 + (j >> 1) * 32;
      const shift = (j & 1) * 4;
      for (let l = 0; l < 32; l++) {
        const fifth = (source[at + 16 + l]! >> j) & 1;
        const q = ((source[nibbles + l]! >> shift) & 15) | (fifth << 4);
        target[block + j * 32 + l] = d * scale * q - dmin * min;
      }
    }
  }
}

export function decodeQ6K(source: Buffer, target: Float32Array): void {
  const halves = float16Table();
  for (let block = 0, at = 0; block < target.length; block += 256, at += 210) {
    const d = halves[source.readUInt16LE(at + 208)]!;
    for (let i = 0; i < 256; i++) {
      // Two halves of 128 weights; each is four runs of 32 that share low bytes and two-bit tops.
      const half = i >> 7;
      const run = (i >> 5) & 3;
      const l = i & 31;
      const low = (source[at + half * 64 + (run & 1) * 32 + l]! >> ((run >> 1) * 4)) & 15;
      const top = (source[at + 128 + half * 32 + l]! >> (run * 2)) & 3;
      const scale = source.readInt8(at + 192 + half * 8 + run * 2 + (l >> 4));
      target[block + i] = d * scale * ((low | (top << 4)) - 32);
    }
  }
}
