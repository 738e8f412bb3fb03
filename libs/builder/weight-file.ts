// The external data file of a graph, written front to back while its checksum is taken.
import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import type { ExternalBytes } from './onnx/graph.js';

// Large tensors start on a page, so that ONNX Runtime can map them instead of reading them.
const PAGE_BYTES = 4096;
const CACHE_LINE_BYTES = 64;

export class WeightFile {
  private readonly descriptor: number;
  private readonly hash = createHash('sha256');
  private size = 0;

  /** Creates the file; fails if there is one already. */
  constructor(private readonly path: string) {
    this.descriptor = openSync(path, 'wx');
  }

  append(data: Uint8Array | Int8Array | Float32Array): ExternalBytes {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const alignment = bytes.length >= PAGE_BYTES ? PAGE_BYTES : CACHE_LINE_BYTES;
    this.write(new Uint8Array((alignment - (this.size % alignment)) % alignment));
    const offset = this.size;
    this.write(bytes);
    return { file: basename(this.path), offset, bytes: bytes.length };
  }

  /** Flushes to disk; returns what the manifest says of the file. */
  finish(): { bytes: number; sha256: string } {
    fsyncSync(this.descriptor);
    return { bytes: this.size, sha256: this.hash.digest('hex') };
  }

  close(): void {
    closeSync(this.descriptor);
  }

  private write(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) done += writeSync(this.descriptor, bytes, done);
    this.hash.update(bytes);
    this.size += bytes.length;
  }
}
