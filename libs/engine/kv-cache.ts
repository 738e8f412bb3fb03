// The KV cache of one sequence: two float32 tensors a layer, owned by JavaScript and written in place by the graph.
// Rolling back costs nothing: rows past `length` are simply written over.
import { Tensor } from 'onnxruntime-node';
import { KvBuffers } from './kv-buffers.js';

export interface KvShape {
  readonly numLayers: number;
  readonly numKvHeads: number;
  readonly headDim: number;
}

/** Tokens a new cache has room for; it doubles from there. */
const INITIAL_CAPACITY = 256;
/** Where doubling would take too much, capacities are multiples of this. */
const TIGHT_STEP = 64;

export function bytesPerToken(shape: KvShape): number {
  return 2 * shape.numLayers * shape.numKvHeads * shape.headDim * Float32Array.BYTES_PER_ELEMENT;
}

/** Rows of consecutive tokens: keys and values of every layer. [2 · numLayers] of [kvHeads, capacity, headDim] */
export interface KvRows {
  readonly capacity: number;
  readonly parts: readonly Float32Array[];
}

export interface RowRange {
  readonly start: number;
  readonly count: number;
}

export class KvCache implements KvRows {
  /** Tokens whose keys and values are valid. */
  length = 0;
  capacity = 0;
  readonly parts: Float32Array[] = [];
  /** Feeds `past.i.k|v` and fetches `present.i.k|v`: the same tensors under both names. [1, kvHeads, capacity, headDim] */
  readonly feeds: Record<string, Tensor> = {};
  readonly fetches: Record<string, Tensor> = {};

  /** @param capacity 0 allocates nothing before `reserve`. */
  constructor(
    private readonly shape: KvShape,
    capacity = INITIAL_CAPACITY,
    /** Where its memory comes from and goes to. Default its own. */
    private readonly buffers = new KvBuffers(),
  ) {
    if (capacity > 0) this.grow(capacity);
  }

  get bytes(): number {
    return this.capacity * bytesPerToken(this.shape);
  }

  /** Capacity that `reserve(tokens)` would leave; the tight one is the least that will do. */
  capacityFor(tokens: number, isTight = false): number {
    let capacity = this.capacity || INITIAL_CAPACITY;
    if (isTight) return Math.max(capacity, TIGHT_STEP * Math.ceil(tokens / TIGHT_STEP));
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

  /** Appends copies of other rows; all tokens before them are the same as here. */
  append(from: KvRows, { start, count }: RowRange): void {
    const { numKvHeads, headDim } = this.shape;
    this.reserve(this.length + count);
    for (const [part, target] of this.parts.entries())
      for (let head = 0; head < numKvHeads; head++) {
        const first = (head * from.capacity + start) * headDim;
        const rows = from.parts[part]!.subarray(first, first + count * headDim);
        target.set(rows, (head * this.capacity + this.length) * headDim);
      }
    this.length += count;
  }

  /** Takes over another cache's rows from this one's `length` up to `length`; the tokens of the rows before are the same. */
  copyRows(from: KvRows, length: number): void {
    this.append(from, { start: this.length, count: length - this.length });
  }

  /**
   * Ends this cache and keeps these rows of it. Goes tensor by tensor, and gives each one back before its rows take memory:
   * where all is in use, what is kept needs just the place that it had.
   */
  takeApart(ranges: readonly RowRange[]): KvRows[] {
    const taken = ranges.map(({ count }) => ({ capacity: count, parts: [] as Float32Array[] }));
    const names = Object.keys(this.feeds);
    for (const [part, data] of this.parts.splice(0).entries()) {
      const scratch = this.buffers.scratch(ranges.length === 0 ? 0 : data.length);
      scratch.set(data.subarray(0, scratch.length));
      this.buffers.give(data);
      for (const [i, range] of ranges.entries()) taken[i]!.parts.push(this.copyOf(scratch, range));
      delete this.feeds[names[part]!];
      delete this.fetches[names[part]!.replace('past', 'present')];
    }
    this.length = 0;
    this.capacity = 0;
    return taken;
  }

  /** Tensor by tensor, so that hardly anything exists twice meanwhile. */
  grow(capacity: number): void {
    const { numLayers, numKvHeads, headDim } = this.shape;
    for (let part = 0; part < 2 * numLayers; part++) {
      const data = this.buffers.take(numKvHeads * capacity * headDim);
      const old = this.parts[part];
      if (old !== undefined) this.copyHeads(old, data, capacity);
      const tensor = new Tensor('float32', data, [1, numKvHeads, capacity, headDim]);
      const name = `${part >> 1}.${part % 2 === 0 ? 'k' : 'v'}`;
      this.parts[part] = data;
      this.feeds[`past.${name}`] = tensor;
      this.fetches[`present.${name}`] = tensor;
      if (old !== undefined) this.buffers.give(old);
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

  /** [kvHeads, count, headDim] */
  private copyOf(part: Float32Array, { start, count }: RowRange): Float32Array {
    const { numKvHeads, headDim } = this.shape;
    const copy = this.buffers.take(numKvHeads * count * headDim);
    for (let head = 0; head < numKvHeads; head++) {
      const first = (head * this.capacity + start) * headDim;
      copy.set(part.subarray(first, first + count * headDim), head * count * headDim);
    }
    return copy;
  }
}
