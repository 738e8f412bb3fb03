// The file of training data, a JSON line for each answer. It is off unless asked for, never grows beyond its bound, and never
// slows or fails a request: what cannot be written in time is dropped.
import { closeSync, fstatSync, openSync, write } from 'node:fs';
import { AppError } from '#libs/errors/index.js';
import type { DistillRecord } from './distill-record.js';

export interface DistillLogOptions {
  readonly path: string;
  /** What the file may hold, what it holds already included. */
  readonly maxBytes: number;
  /** Called once, when writing has failed and nothing more will be kept. */
  readonly onFailed: (error: Error) => void;
}

const MAX_RECORD_BYTES = 256 * 1024;
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

export class DistillLog {
  readonly #file: number;
  #bytes: number;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #isWriting = false;
  #isOver = false;
  #onIdle: (() => void) | undefined;

  /** Throws `failed_precondition` if the file cannot be opened. A new one is for its owner only. */
  constructor(private readonly options: DistillLogOptions) {
    try {
      this.#file = openSync(options.path, 'a', 0o600);
      this.#bytes = fstatSync(this.#file).size;
    } catch (cause) {
      const problem = `OUTRIDER_DISTILL_LOG: ${options.path} cannot be opened for writing`;
      throw new AppError('failed_precondition', problem, { cause });
    }
  }

  /** Returns whether the record will be written. */
  add(record: DistillRecord): boolean {
    const line = Buffer.from(`${JSON.stringify(record)}\n`);
    const fits = line.length <= MAX_RECORD_BYTES && this.#bytes + line.length <= this.options.maxBytes;
    if (this.#isOver || !fits || this.#waitingBytes + line.length > MAX_WAITING_BYTES) return false;
    this.#bytes += line.length;
    this.#waitingBytes += line.length;
    this.#waiting.push(line);
    if (!this.#isWriting) this.#write();
    return true;
  }

  /** After what is waiting has been written. */
  async close(): Promise<void> {
    this.#isOver = true;
    if (this.#isWriting) await new Promise<void>((resolve) => (this.#onIdle = resolve));
    closeSync(this.#file);
  }

  #write(): void {
    const line = this.#waiting.shift();
    this.#isWriting = line !== undefined;
    if (line === undefined) this.#onIdle?.();
    else this.#writeRest(line, 0);
  }

  #writeRest(line: Buffer, from: number): void {
    write(this.#file, line, from, line.length - from, null, (error, written) => {
      if (error) return this.#fail(error);
      if (from + written < line.length) return this.#writeRest(line, from + written);
      this.#waitingBytes -= line.length;
      this.#write();
    });
  }

  #fail(error: Error): void {
    this.#isOver = true;
    this.#waiting = [];
    this.options.onFailed(error);
    this.#write();
  }
}
