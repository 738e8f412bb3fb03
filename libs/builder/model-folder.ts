// A model folder being written: every file's size and checksum is noted for the manifest.
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WeightFile } from './weight-file.js';

export class ModelFolder {
  readonly files: Record<string, { bytes: number; sha256: string }> = {};

  constructor(private readonly path: string) {}

  write(name: string, content: string | Uint8Array | Uint32Array): void {
    const bytes =
      typeof content === 'string'
        ? Buffer.from(content, 'utf8')
        : Buffer.from(content.buffer, content.byteOffset, content.byteLength);
    writeFileSync(join(this.path, name), bytes, { flag: 'wx', flush: true });
    this.files[name] = { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  }

  openWeights(name: string): WeightFile {
    return new WeightFile(join(this.path, name));
  }

  finishWeights(name: string, weights: WeightFile): void {
    this.files[name] = weights.finish();
  }
}
