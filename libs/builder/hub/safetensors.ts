// One safetensors file: an 8-byte header length, a JSON directory, then the tensors.
// Format: github.com/huggingface/safetensors#format.
import { z } from 'zod';
import { BinaryFile } from '../binary-file.js';
import { checkShape } from '../checkpoint.js';
import { damaged, unsupported } from '../damaged.js';
import { decodeBfloat16, decodeFloat16, decodeFloat32 } from '../float16.js';
import { parseJsonObject } from './json-file.js';

// The limit of the reference reader.
const MAX_HEADER_BYTES = 100_000_000;

const DECODERS: Readonly<
  Record<string, { bytes: number; decode: (source: Buffer, target: Float32Array) => void }>
> = {
  F32: { bytes: 4, decode: decodeFloat32 },
  F16: { bytes: 2, decode: decodeFloat16 },
  BF16: { bytes: 2, decode: decodeBfloat16 },
};

const natural = z.int().nonnegative();
const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(natural).max(8),
  data_offsets: z.tuple([natural, natural]),
});
type Entry = z.infer<typeof entrySchema>;

export class Safetensors {
  private constructor(
    private readonly file: BinaryFile,
    private readonly dataStart: number,
    private readonly entries: ReadonlyMap<string, Entry>,
  ) {}

  /** Throws `failed_precondition` if the directory is damaged or points outside the file. */
  static open(path: string): Safetensors {
    const file = BinaryFile.open(path);
    try {
      const length = file.read(0, 8, 'the header length').readBigUInt64LE();
      if (length > BigInt(MAX_HEADER_BYTES)) throw damaged(path, `the header claims ${length} bytes`);
      const header = file.read(8, Number(length), 'the header').toString('utf8');
      const dataStart = 8 + Number(length);
      return new Safetensors(file, dataStart, readDirectory(file, dataStart, parseJsonObject(path, header)));
    } catch (error) {
      file.close();
      throw error;
    }
  }

  get names(): string[] {
    return [...this.entries.keys()];
  }

  has(name: string): boolean {
    return this.entries.has(name);
  }

  /** Float32 values of a float tensor of exactly that shape. */
  floats(name: string, shape: readonly number[]): Float32Array {
    const entry = this.entry(name, shape);
    const decoder = Object.hasOwn(DECODERS, entry.dtype) ? DECODERS[entry.dtype] : undefined;
    const known = Object.keys(DECODERS).join(', ');
    if (!decoder)
      throw unsupported(this.file.path, `tensor ${name} has type ${entry.dtype}, not one of ${known}`);
    const values = new Float32Array(this.count(name, entry, decoder.bytes));
    decoder.decode(this.bytes(name, entry), values);
    return values;
  }

  /** Values of an I32 or I64 tensor of exactly that shape. */
  integers(name: string, shape: readonly number[]): number[] {
    const entry = this.entry(name, shape);
    const bytes = entry.dtype === 'I32' ? 4 : entry.dtype === 'I64' ? 8 : 0;
    if (bytes === 0)
      throw unsupported(this.file.path, `tensor ${name} has type ${entry.dtype}, not I32 or I64`);
    const count = this.count(name, entry, bytes);
    const source = this.bytes(name, entry);
    return Array.from({ length: count }, (_, i) =>
      bytes === 4 ? source.readInt32LE(4 * i) : Number(source.readBigInt64LE(8 * i)),
    );
  }

  close(): void {
    this.file.close();
  }

  private entry(name: string, shape: readonly number[]): Entry {
    const entry = this.entries.get(name);
    if (!entry) throw damaged(this.file.path, `tensor ${name} is missing`);
    checkShape(this.file.path, name, entry.shape, shape);
    return entry;
  }

  private count(name: string, entry: Entry, bytesEach: number): number {
    const count = entry.shape.reduce((product, dim) => product * dim, 1);
    const [start, end] = entry.data_offsets;
    if (count * bytesEach === end - start) return count;
    throw damaged(
      this.file.path,
      `tensor ${name} has ${end - start} bytes for shape [${entry.shape}] of ${entry.dtype}`,
    );
  }

  private bytes(name: string, { data_offsets: [start, end] }: Entry): Buffer {
    return this.file.read(this.dataStart + start, end - start, `tensor ${name}`);
  }
}

function readDirectory(
  file: BinaryFile,
  dataStart: number,
  header: Record<string, unknown>,
): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const result = entrySchema.safeParse(value);
    if (!result.success) throw damaged(file.path, `the directory entry of tensor ${name} is malformed`);
    const [start, end] = result.data.data_offsets;
    if (start > end || dataStart + end > file.size) {
      throw damaged(
        file.path,
        `tensor ${name} lies at bytes ${start} to ${end} of the data, outside the file`,
      );
    }
    entries.set(name, result.data);
  }
  return entries;
}
