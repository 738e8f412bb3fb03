// A weight matrix in the data file, and the two things a graph does with one: multiply by it, and look rows up in it.
// Both read the same bytes, so a tied embedding and head are stored once.
import { type Bits, BLOCK_SIZE, quantiseBlocks } from './block-quantise.js';
import { type Attribute, type ExternalBytes, type Graph, MICROSOFT } from './onnx/graph.js';
import type { WeightFile } from './weight-file.js';

/** Bits a weight: 32 is plain float32. */
export type WeightBits = Bits | 32;

export interface Matrix {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly bits: WeightBits;
  readonly values: ExternalBytes;
  /** Null for float32. */
  readonly scales: ExternalBytes | null;
}

/** Whether matrices of this width can be stored with so many bits. */
export function fitsBlocks(columns: number, bits: WeightBits): boolean {
  return bits === 32 || columns % BLOCK_SIZE === 0;
}

/** Quantises and appends `weights`, [rows, columns]. */
export function storeMatrix(
  file: WeightFile,
  name: string,
  weights: Float32Array,
  rows: number,
  bits: WeightBits,
): Matrix {
  const shape = { name, rows, columns: weights.length / rows, bits };
  if (bits === 32) return { ...shape, values: file.append(weights), scales: null };
  const { values, scales } = quantiseBlocks(weights, bits);
  return { ...shape, values: file.append(values), scales: file.append(scales) };
}

/** x [1, S, columns] · weightsᵀ → `output` [1, S, rows]. Constants go to `root`, the node to `graph`. */
export function multiply(root: Graph, graph: Graph, x: string, matrix: Matrix, output: string): string {
  const { name, rows, columns, bits, values, scales } = matrix;
  if (scales === null) {
    root.external(`${name}.rows`, 'float32', [rows, columns], values);
    return graph.node('FusedMatMul', [x, `${name}.rows`], [output], { transB: { int: 1 } }, MICROSOFT);
  }
  const blocks = columns / BLOCK_SIZE;
  root.external(`${name}.blocks`, 'uint8', [rows, blocks, (BLOCK_SIZE * bits) / 8], values);
  root.external(`${name}.scales`, 'float32', [rows * blocks], scales);
  const attributes: Record<string, Attribute> = {
    K: { int: columns },
    N: { int: rows },
    bits: { int: bits },
    block_size: { int: BLOCK_SIZE },
    // 4: activations are quantised to 8 bits a row, the fast path.
    accuracy_level: { int: 4 },
  };
  return graph.node('MatMulNBits', [x, `${name}.blocks`, `${name}.scales`], [output], attributes, MICROSOFT);
}

/** Rows of the matrix at `ids` [1, S] → `output` [1, S, columns]. */
export function lookUp(root: Graph, ids: string, matrix: Matrix, output: string): string {
  const { name, rows, columns, bits, values, scales } = matrix;
  if (scales === null) {
    root.external(`${name}.table`, 'float32', [rows, columns], values);
    return root.node('Gather', [`${name}.table`, ids], [output], { axis: { int: 0 } });
  }
  root.external(`${name}.table`, 'uint8', [rows, (columns * bits) / 8], values);
  root.external(`${name}.table_scales`, 'float32', [rows, columns / BLOCK_SIZE], scales);
  const attributes = {
    gather_axis: { int: 0 },
    quantize_axis: { int: 1 },
    block_size: { int: BLOCK_SIZE },
    bits: { int: bits },
  };
  const inputs = [`${name}.table`, ids, `${name}.table_scales`];
  return root.node('GatherBlockQuantized', inputs, [output], attributes, MICROSOFT);
}
