// The KV cache of one sequence: two float32 tensors a layer, owned by JavaScript and written in place by the graph.
// Rolling back costs nothing: rows past `length` are simply written over.
import { Tensor } from 'onnxruntime-node';

export interface KvShape {
  readonly numLayers: number;
  readonly numKvHeads: number;
  readonly headDim: number;
}

/** Tokens a new cache has room for; it doubles from there. */
const INITIAL_CAPACITY = 256;

export function bytesPerToken(shape: KvShape): number {
  return 2 * shape.numLayers * shape.numKvHeads * shape.headDim * Float32Array.BYTES_PER_ELEMENT;
}

export class KvCache {
  /** Tokens whose keys and values are valid. */
  length = 0;
  capacity = 0;
  /** Feeds `past.i.k|v` and fetches `present.i.k|v`: the same tensors under both names. [1, kvHeads, capacity, headDim] */
  readonly feeds: Record<string, Tensor> = {};
  readonly fetches: Record<string, Tensor> = {};

  constructor(private readonly shape: KvShape) {
    this.grow(INITIAL_CAPACITY);
  }

  get bytes(): number {
    return this.capacity * bytesPerToken(this.shape);
  }

  /** Capacity that `reserve(tokens)` would leave. */
  capacityFor(tokens: number): number {
    let capacity = this.capacity;
    while (capacity < tokens) capacity *= 2;
    return capacity;
  }

  reserve(tokens: number): void {
    const capacity = this.capacityFor(tokens);
    if (capacity > this.capacity) this.grow(capacity);
  }

  /** Forgets everything from `length` on. */
  truncate(length: number): void {
    if (length < this.length) this.length = length;
  }

  /** Takes over another cache's rows from this one's `length` up to `length`; the tokens of the rows before are the same. */
  copyRows(from: KvCache, length: number): void {
    const { headDim } = this.shape;
    this.reserve(length);
    for (const [name, tensor] of Object.entries(this.feeds)) {
      const source = from.feeds[name]!.data as Float32Array;
      const target = tensor.data as Float32Array;
      for (let head = 0; head < this.shape.numKvHeads; head++) {
        const start = head * from.capacity * headDim;
        const rows = source.subarray(start + this.length * headDim, start + length * headDim);
        target.set(rows, (head * this.capacity + this.length) * headDim);
      }
    }
    this.length = length;
  }

  private grow(capacity: number): void {
    const { numLayers, numKvHeads, headDim } = this.shape;
    for (let layer = 0; layer < numLayers; layer++) {
      for (const part of ['k', 'v']) {
        const data = new Float32Array(numKvHeads * capacity * headDim);
        const old = this.feeds[`past.${layer}.${part}`];
        if (old !== undefined) this.copyHeads(old.data as Float32Array, data, capacity);
        const tensor = new Tensor('float32', data, [1, numKvHeads, capacity, headDim]);
        this.feeds[`past.${layer}.${part}`] = tensor;
        this.fetches[`present.${layer}.${part}`] = tensor;
      }
    }
    this.capacity = capacity;
  }

  private copyHeads(from: Float32Array, to: Float32Array, capacity: number): void {
    const { numKvHeads, headDim } = this.shape;
    const used = this.length * headDim;
    for (let head = 0; head < numKvHeads; head++) {
      const start = head * this.capacity * headDim;
      to.set(from.subarray(start, start + used), head * capacity * headDim);
    }
  }
}
