// A file read at offsets. Every length is checked against the file's real size before memory is taken for it.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { damaged } from './damaged.js';

export class BinaryFile {
  private constructor(
    readonly path: string,
    readonly size: number,
    private readonly descriptor: number,
  ) {}

  /** Throws `failed_precondition` if the file cannot be opened or is not a regular file. */
  static open(path: string): BinaryFile {
    let descriptor: number;
    try {
      descriptor = openSync(path, 'r');
    } catch (cause) {
      throw damaged(path, 'the file cannot be opened', cause);
    }
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) {
      closeSync(descriptor);
      throw damaged(path, 'this is not a regular file');
    }
    return new BinaryFile(path, stat.size, descriptor);
  }

  /** Reads exactly `length` bytes at `offset`; `what` names them in the error when the file is too short. */
  read(offset: number, length: number, what: string): Buffer {
    const sane = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0;
    if (!sane || offset + length > this.size) {
      throw damaged(
        this.path,
        `${what} needs ${length} bytes at offset ${offset}, but the file has ${this.size} bytes`,
      );
    }
    const bytes = Buffer.allocUnsafeSlow(length);
    let done = 0;
    while (done < length) {
      const got = readSync(this.descriptor, bytes, done, length - done, offset + done);
      if (got === 0) throw damaged(this.path, `the file ended while ${what} was read`);
      done += got;
    }
    return bytes;
  }

  close(): void {
    closeSync(this.descriptor);
  }
}
