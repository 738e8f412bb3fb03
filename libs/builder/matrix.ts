// A weight matrix in the data file, and the two things a graph does with one: multiply by it, and look rows up in it.
// Both read the same bytes, so a tied embedding and head are stored once.
import { type Bits, quantiseBlocks } from './block-quantise.js';
import { multiplyChannels } from './channel-product.js';
import { quantiseChannels } from './channel-quantise.js';
import type { MatrixForm } from './forms.js';
import { observeInput } from './observation.js';
import { type Attribute, type ExternalBytes, type Graph, MICROSOFT } from './onnx/graph.js';
import type { WeightFile } from './weight-file.js';

interface Shape {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
}

interface Blocks {
  readonly kind: 'blocks';
  readonly bits: Bits;
  readonly blockSize: number;
  readonly values: ExternalBytes;
  readonly scales: ExternalBytes;
}

type Stored =
  | Blocks
  | { readonly kind: 'floats'; readonly values: ExternalBytes }
  | { readonly kind: 'channels'; readonly values: ExternalBytes; readonly scales: ExternalBytes };

export type Matrix = Shape & Stored & { readonly observed?: boolean };

const SMALL_BLOCK = 32;
const LARGE_BLOCK = 64;

/** Whether matrices of this width can be stored in that form. */
export function fitsForm(columns: number, form: MatrixForm): boolean {
  return form === 'f32' || columns % SMALL_BLOCK === 0;
}

/** Quantises and appends `weights`, [rows, columns]. */
export function storeMatrix(
  file: WeightFile,
  name: string,
  weights: Float32Array,
  rows: number,
  form: MatrixForm,
): Matrix {
  const columns = weights.length / rows;
  const shape = { name, rows, columns };
  if (form === 'f32') return { ...shape, kind: 'floats', values: file.append(weights) };
  if (form === 'w8') {
    const { values, scales } = quantiseChannels(weights, rows);
    return { ...shape, kind: 'channels', values: file.append(values), scales: file.append(scales) };
  }
  const bits = form === 'q4' ? 4 : 8;
  // A width that large blocks don't divide takes small ones.
  const blockSize = form === 'q8b64' && columns % LARGE_BLOCK === 0 ? LARGE_BLOCK : SMALL_BLOCK;
  const { values, scales } = quantiseBlocks(weights, bits, blockSize);
  return {
    ...shape,
    kind: 'blocks',
    bits,
    blockSize,
    values: file.append(values),
    scales: file.append(scales),
  };
}

/** x [1, S, columns] · weightsᵀ → `output` [1, S, rows]. Constants go to `root`, the nodes to `graph`. */
export function multiply(root: Graph, graph: Graph, x: string, matrix: Matrix, output: string): string {
  const { name, rows, columns, values } = matrix;
  if (matrix.observed) observeInput(root, x, name, columns);
  if (matrix.kind === 'channels') return multiplyChannels(root, graph, x, matrix, output);
  if (matrix.kind === 'blocks') return multiplyBlocks(root, graph, x, matrix, output);
  root.external(`${name}.rows`, 'float32', [rows, columns], values);
  return graph.node('FusedMatMul', [x, `${name}.rows`], [output], { transB: { int: 1 } }, MICROSOFT);
}

function multiplyBlocks(
  root: Graph,
  graph: Graph,
  x: string,
  matrix: Shape & Blocks,
  output: string,
): string {
  const { name, rows, columns, bits, blockSize, values, scales } = matrix;
  const blocks = columns / blockSize;
  root.external(`${name}.blocks`, 'uint8', [rows, blocks, (blockSize * bits) / 8], values);
  root.external(`${name}.scales`, 'float32', [rows * blocks], scales);
  const attributes: Record<string, Attribute> = {
    K: { int: columns },
    N: { int: rows },
    bits: { int: bits },
    block_size: { int: blockSize },
    // 4: activations are quantised to 8 bits a row, the fast path.
    accuracy_level: { int: 4 },
  };
  return graph.node('MatMulNBits', [x, `${name}.blocks`, `${name}.scales`], [output], attributes, MICROSOFT);
}

/** Rows of the matrix at `ids` [1, S] → `output` [1, S, columns]. */
export function lookUp(root: Graph, ids: string, matrix: Matrix, output: string): string {
  const { name, rows, columns, values } = matrix;
  if (matrix.kind === 'channels') throw new Error(`${name} has one scale a row: it is for products only.`);
  if (matrix.kind === 'floats') {
    root.external(`${name}.table`, 'float32', [rows, columns], values);
    return root.node('Gather', [`${name}.table`, ids], [output], { axis: { int: 0 } });
  }
  const { bits, blockSize, scales } = matrix;
  root.external(`${name}.table`, 'uint8', [rows, (columns * bits) / 8], values);
  root.external(`${name}.table_scales`, 'float32', [rows, columns / blockSize], scales);
  const attributes = {
    gather_axis: { int: 0 },
    quantize_axis: { int: 1 },
    block_size: { int: blockSize },
    bits: { int: bits },
  };
  const inputs = [`${name}.table`, ids, `${name}.table_scales`];
  return root.node('GatherBlockQuantized', inputs, [output], attributes, MICROSOFT);
}
