// The features of the last positions of one generation: the target writes them, whoever sends them to a draft reads them.
// Sent rows are kept too, since a draft that has lost the session, or takes it over, is told all once more.
import { type FeatureRows, MOST_FEATURE_ROWS } from './features.js';

export interface FeatureWindowOptions {
  /** Numbers of a row. */
  readonly width: number;
  /** Shared by all windows of the process. */
  readonly memory: FeatureMemory;
  /** Whether anybody is going to read them, as far as is known. */
  readonly isWanted: () => boolean;
  /** Default MOST_FEATURE_ROWS. */
  readonly mostRows?: number;
}

/** Bounds the bytes of all windows together. */
export class FeatureMemory {
  #bytes = 0;

  constructor(private readonly maxBytes: number) {}

  get bytes(): number {
    return this.#bytes;
  }

  /** False: there is no room. */
  take(bytes: number): boolean {
    if (this.#bytes + bytes > this.maxBytes) return false;
    this.#bytes += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#bytes -= bytes;
  }
}

export class FeatureWindow {
  readonly width: number;
  readonly mostRows: number;
  readonly #rowBytes: number;
  readonly #rows: Uint16Array[] = [];
  /** Position of the first row. */
  #start = 0;
  #isClosed = false;

  constructor(private readonly options: FeatureWindowOptions) {
    this.width = options.width;
    this.mostRows = options.mostRows ?? MOST_FEATURE_ROWS;
    this.#rowBytes = options.width * Uint16Array.BYTES_PER_ELEMENT;
  }

  /** False: nothing need be computed for it, and what was kept is forgotten. */
  get isWanted(): boolean {
    if (!this.#isClosed && this.options.isWanted()) return true;
    this.#forget();
    return false;
  }

  /**
   * Keeps rows of consecutive positions: the last ones, as many as there is memory for. Rows that aren't next to those kept
   * replace them.
   * @param rows Copied.
   */
  append({ start, values }: FeatureRows): void {
    if (!this.isWanted) return;
    const { width, mostRows } = this;
    const end = start + values.length / width;
    const first = Math.max(start, end - mostRows);
    if (first < this.#start || first > this.#start + this.#rows.length) {
      this.#forget();
      this.#start = first;
    }
    for (let position = first; position < end; position++) {
      const at = (position - start) * width;
      this.#put(position, values.slice(at, at + width));
    }
  }

  /** Copies of the rows from a position on, or from the first one kept behind it; undefined if there are none. */
  from(position: number): FeatureRows | undefined {
    const start = Math.max(position, this.#start);
    const rows = this.#rows.slice(start - this.#start);
    if (rows.length === 0) return undefined;
    const values = new Uint16Array(rows.length * this.width);
    for (const [i, row] of rows.entries()) values.set(row, i * this.width);
    return { start, values };
  }

  /** The generation has ended. */
  close(): void {
    this.#isClosed = true;
    this.#forget();
  }

  /** Replaces a row, or appends it: the oldest one then makes room. */
  #put(position: number, row: Uint16Array): void {
    const index = position - this.#start;
    if (index < this.#rows.length) {
      this.#rows[index] = row;
      return;
    }
    const isRoom = this.#rows.length < this.mostRows && this.options.memory.take(this.#rowBytes);
    const hasRoom = isRoom || this.#rows.shift() !== undefined;
    if (!isRoom) this.#start++;
    if (hasRoom) this.#rows.push(row);
  }

  #forget(): void {
    this.options.memory.giveBack(this.#rows.length * this.#rowBytes);
    this.#rows.length = 0;
  }
}
