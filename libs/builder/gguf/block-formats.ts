// GGUF tensor types: how many weights a block holds, its bytes, and how to decode it.
// Layouts: ggml's block_q* structures (github.com/ggml-org/ggml/blob/master/src/ggml-common.h).
import { decodeBfloat16, decodeFloat16, decodeFloat32, float16Table } from '../float16.js';
import { decodeQ4K, decodeQ5K, decodeQ6K } from './k-quants.js';

export interface BlockFormat {
  readonly name: string;
  readonly weightsPerBlock: number;
  readonly bytesPerBlock: number;
  /** Decodes `target.length` weights; `source` holds exactly their blocks. */
  readonly decode: (source: Buffer, target: Float32Array) => void;
}

function format(name: string, weights: number, bytes: number, decode: BlockFormat['decode']): BlockFormat {
  return { name, weightsPerBlock: weights, bytesPerBlock: bytes, decode };
}

/** Key: the type number in the file. */
export const BLOCK_FORMATS: ReadonlyMap<number, BlockFormat> = new Map([
  [0, format('F32', 1, 4, decodeFloat32)],
  [1, format('F16', 1, 2, decodeFloat16)],
  [2, format('Q4_0', 32, 18, decodeQ4_0)],
  [3, format('Q4_1', 32, 20, decodeQ4_1)],
  [6, format('Q5_0', 32, 22, decodeQ5_0)],
  [7, format('Q5_1', 32, 24, decodeQ5_1)],
  [8, format('Q8_0', 32, 34, decodeQ8_0)],
  [12, format('Q4_K', 256, 144, decodeQ4K)],
  [13, format('Q5_K', 256, 176, decodeQ5K)],
  [14, format('Q6_K', 256, 210, decodeQ6K)],
  [30, format('BF16', 1, 2, decodeBfloat16)],
]);

// In the 32-weight formats byte j of the nibbles holds weight j (low) and weight j + 16 (high).

function decodeQ4_0(source: Buffer, target: Float32Array): void {
  const halves = float16Table();
  for (let block = 0, at = 0; block < target.length; block += 32, at += 18) {
    const d = halves[source.readUInt16LE(at)]!;
    for (let j = 0; j < 16; j++) {
      const byte = source[at + 2 + j]!;
      target[block + j] = d * ((byte & 15) - 8);
      target[block + j + 16] = d * ((byte >> 4) - 8);
    }
  }
}

function decodeQ4_1(source: Buffer, target: Float32Array): void {
  const halves = float16Table();
  for (let block = 0, at = 0; block < target.length; block += 32, at += 20) {
    const d = halves[source.readUInt16LE(at)]!;
    const m = halves[source.readUInt16LE(at + 2)]!;
    for (let j = 0; j < 16; j++) {
      const byte = source[at + 4 + j]!;
      target[block + j] = d * (byte & 15) + m;
      target[block + j + 16] = d * (byte >> 4) + m;
    }
  }
}

function decodeQ5_0(source: Buffer, target: Float32Array): void {
  const halves = float16Table();
  for (let block = 0, at = 0; block < target.length; block += 32, at += 22) {
    const d = halves[source.readUInt16LE(at)]!;
    const high = source.readUInt32LE(at + 2);
    for (let j = 0; j < 16; j++) {
      const byte = source[at + 6 + j]!;
      target[block + j] = d * (((byte & 15) | (((high >>> j) & 1) << 4)) - 16);
      target[block + j + 16] = d * (((byte >> 4) | (((high >>> (j + 16)) & 1) << 4)) - 16);
    }
  }
}

function decodeQ5_1(source: Buffer, target: Float32Array): void {
  const halves = float16Table();
  for (let block = 0, at = 0; block < target.length; block += 32, at += 24) {
    const d = halves[source.readUInt16LE(at)]!;
    const m = halves[source.readUInt16LE(at + 2)]!;
    const high = source.readUInt32LE(at + 4);
    for (let j = 0; j < 16; j++) {
      const byte = source[at + 8 + j]!;
      target[block + j] = d * ((byte & 15) | (((high >>> j) & 1) << 4)) + m;
      target[block + j + 16] = d * ((byte >> 4) | (((high >>> (j + 16)) & 1) << 4)) + m;
    }
  }
}

function decodeQ8_0(source: Buffer, target: Float32Array): void {
  const halves = float16Table();
  for (let block = 0, at = 0; block < target.length; block += 32, at += 34) {
    const d = halves[source.readUInt16LE(at)]!;
    for (let j = 0; j < 32; j++) target[block + j] = d * source.readInt8(at + 2 + j);
  }
}
