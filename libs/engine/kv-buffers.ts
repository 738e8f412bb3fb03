// Buffers of keys and values that are free to be used again, by size. A new one costs the kernel's zeroing of its pages, and
// one that is only let go stays in memory until the garbage collector comes by: under a bound neither can be afforded.
// What a buffer held before does no harm: rows are written before they are read.

export class KvBuffers {
  /** By length; the last one given back goes first, since it may still be in the processor's cache. */
  readonly #free = new Map<number, { readonly data: Float32Array; readonly sinceMs: number }[]>();
  #freeBytes = 0;

  constructor(private readonly now: () => number) {}

  /** Of all that nobody uses. */
  get freeBytes(): number {
    return this.#freeBytes;
  }

  /** So many numbers, whatever they are. */
  take(length: number): Float32Array {
    const data = this.#free.get(length)?.pop()?.data;
    if (data === undefined) return new Float32Array(length);
    this.#freeBytes -= data.byteLength;
    return data;
  }

  /** Whoever gives it back must not touch it any more. */
  give(data: Float32Array): void {
    const others = this.#free.get(data.length);
    const entry = { data, sinceMs: this.now() };
    if (others === undefined) this.#free.set(data.length, [entry]);
    else others.push(entry);
    this.#freeBytes += data.byteLength;
  }

  /** Lets go until no more than so much is left, the largest first: they fit least often. */
  trim(mostBytes: number): void {
    if (this.#freeBytes <= mostBytes) return;
    for (const length of [...this.#free.keys()].sort((a, b) => b - a)) {
      const some = this.#free.get(length)!;
      while (some.length > 0 && this.#freeBytes > mostBytes) this.#freeBytes -= some.shift()!.data.byteLength;
      if (some.length === 0) this.#free.delete(length);
    }
  }

  /** Lets go what was given back at `expiryMs` or before. */
  expire(expiryMs: number): void {
    for (const [length, some] of this.#free) {
      while (some[0] !== undefined && some[0].sinceMs <= expiryMs)
        this.#freeBytes -= some.shift()!.data.byteLength;
      if (some.length === 0) this.#free.delete(length);
    }
  }
}
