// Reads a GGUF header from front to back through a window of the file, so a lying length never takes memory.
import type { BinaryFile } from '../binary-file.js';
import { damaged } from '../damaged.js';

const WINDOW_BYTES = 1 << 20;

export class Cursor {
  private window: Buffer = Buffer.alloc(0);
  private windowStart = 0;
  position = 0;

  constructor(readonly file: BinaryFile) {}

  get remaining(): number {
    return this.file.size - this.position;
  }

  /** The next `length` bytes, valid until the next call. */
  take(length: number, what: string): Buffer {
    const start = this.position - this.windowStart;
    if (start + length <= this.window.length) {
      this.position += length;
      return this.window.subarray(start, start + length);
    }
    const wanted = Math.max(length, Math.min(WINDOW_BYTES, this.remaining));
    this.window = this.file.read(this.position, wanted, what);
    this.windowStart = this.position;
    this.position += length;
    return this.window.subarray(0, length);
  }

  u32(what: string): number {
    return this.take(4, what).readUInt32LE();
  }

  /** An unsigned 64-bit count or offset; refuses what a file cannot hold. */
  u64(what: string): number {
    const value = this.take(8, what).readBigUInt64LE();
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw damaged(this.file.path, `${what} is ${value}`);
    return Number(value);
  }

  /** A count of things that take at least `bytesEach` bytes each; refuses more than the file's rest or `limit`. */
  count(what: string, bytesEach: number, limit: number): number {
    const value = this.u64(what);
    if (value > limit || value * bytesEach > this.remaining) {
      throw damaged(this.file.path, `${what} is ${value}, more than the file can hold`);
    }
    return value;
  }

  string(what: string): string {
    return this.take(this.count(`length of ${what}`, 1, 1 << 26), what).toString('utf8');
  }
}
