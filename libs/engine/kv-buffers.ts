// Memory of keys and values: pieces of a few large buffers, which are kept. What is let go can be used again at once, by pieces
// of other sizes too, where single buffers would stay until the garbage collector comes by, and new ones cost the kernel's
// zeroing of their pages. What a piece held before does no harm: rows are written before they are read.
import { Spans } from './spans.js';

/** Bytes of a large buffer; its pages take memory only once they are touched. */
const CHUNK_BYTES = 2 ** 25;
/** Pieces begin at multiples of so many numbers: a cache line. */
const ALIGNMENT = 16;

interface Chunk {
  readonly data: Float32Array;
  readonly free: Spans;
}

export class KvBuffers {
  readonly #chunks = new Map<ArrayBufferLike, Chunk>();
  #chunkBytes = 0;
  #usedBytes = 0;
  #scratch = new Float32Array(0);

  /** @param maxBytes Of all chunks together. What doesn't fit into them gets a buffer of its own. Default: everything does. */
  constructor(private readonly maxBytes = 0) {}

  /** Of the chunks, what nobody uses. */
  get freeBytes(): number {
    return this.#chunkBytes - this.#usedBytes;
  }

  /** For what is copied on at once: the next call gives the same. */
  scratch(length: number): Float32Array {
    if (this.#scratch.length < length) this.#scratch = new Float32Array(length);
    return this.#scratch.subarray(0, length);
  }

  /** Whether so many pieces find a place in the chunks. */
  hasRoom(pieces: number, length: number): boolean {
    const size = aligned(length);
    let found = Math.floor(
      Math.max(0, this.maxBytes - this.#chunkBytes) / Float32Array.BYTES_PER_ELEMENT / size,
    );
    for (const { free } of this.#chunks.values()) found += free.count(size);
    return found >= pieces;
  }

  /** So many numbers, whatever they are. */
  take(length: number): Float32Array {
    const size = aligned(length);
    for (const chunk of this.#chunks.values()) {
      const piece = this.#pieceOf(chunk, length, size);
      if (piece !== undefined) return piece;
    }
    const bytes = Math.min(CHUNK_BYTES, this.maxBytes - this.#chunkBytes);
    const numbers = ALIGNMENT * Math.floor(bytes / Float32Array.BYTES_PER_ELEMENT / ALIGNMENT);
    if (numbers < size) return new Float32Array(length);
    const data = new Float32Array(numbers);
    const chunk = { data, free: new Spans(numbers) };
    this.#chunks.set(data.buffer, chunk);
    this.#chunkBytes += data.byteLength;
    return this.#pieceOf(chunk, length, size)!;
  }

  /** Whoever gives it back must not touch it any more. */
  give(piece: Float32Array): void {
    const chunk = this.#chunks.get(piece.buffer);
    if (chunk === undefined) return;
    const size = aligned(piece.length);
    chunk.free.give(piece.byteOffset / Float32Array.BYTES_PER_ELEMENT, size);
    this.#usedBytes -= size * Float32Array.BYTES_PER_ELEMENT;
  }

  /** Lets go of chunks in which nothing is used. */
  shrink(): void {
    for (const [buffer, { data, free }] of this.#chunks) {
      if (free.total < data.length) continue;
      this.#chunks.delete(buffer);
      this.#chunkBytes -= data.byteLength;
    }
  }

  #pieceOf({ data, free }: Chunk, length: number, size: number): Float32Array | undefined {
    const start = free.take(size);
    if (start === undefined) return undefined;
    this.#usedBytes += size * Float32Array.BYTES_PER_ELEMENT;
    return data.subarray(start, start + length);
  }
}

function aligned(length: number): number {
  return ALIGNMENT * Math.ceil(length / ALIGNMENT);
}
