// The GGUF header: metadata and tensor directory, versions 2 and 3.
// Format: github.com/ggml-org/ggml/blob/master/docs/gguf.md.
import type { BinaryFile } from '../binary-file.js';
import { damaged, unsupported } from '../damaged.js';
import { BLOCK_FORMATS, type BlockFormat } from './block-formats.js';
import { Cursor } from './cursor.js';
import { type MetadataValue, readValue } from './metadata.js';

export interface GgufTensor {
  /** Rows first, as numpy would say it: the reverse of the file's order. */
  readonly shape: readonly number[];
  readonly format: BlockFormat;
  /** Position in the file. */
  readonly offset: number;
  readonly bytes: number;
}

export interface GgufHeader {
  readonly metadata: ReadonlyMap<string, MetadataValue>;
  readonly tensors: ReadonlyMap<string, GgufTensor>;
}

const MAX_ENTRIES = 1 << 16;
const MIN_ENTRY_BYTES = 12;

/** Throws `failed_precondition` if anything points outside the file or has a type without a decoder. */
export function readGgufHeader(file: BinaryFile): GgufHeader {
  const cursor = new Cursor(file);
  if (cursor.take(4, 'the magic number').toString('latin1') !== 'GGUF') {
    throw damaged(file.path, 'this is not a GGUF file');
  }
  const version = cursor.u32('the version');
  if (version !== 2 && version !== 3)
    throw unsupported(file.path, `GGUF version ${version} has no reader here`);
  const numTensors = cursor.count('the number of tensors', MIN_ENTRY_BYTES, MAX_ENTRIES);
  const numEntries = cursor.count('the number of metadata entries', MIN_ENTRY_BYTES, MAX_ENTRIES);
  const metadata = new Map<string, MetadataValue>();
  for (let i = 0; i < numEntries; i++) {
    const key = cursor.string('a metadata key');
    metadata.set(key, readValue(cursor, cursor.u32(`type of ${key}`), key));
  }
  const infos = Array.from({ length: numTensors }, () => readTensorInfo(cursor));
  return { metadata, tensors: placeTensors(cursor, metadata, infos) };
}

interface TensorInfo extends GgufTensor {
  readonly name: string;
}

/** `offset` is still relative to the data section. */
function readTensorInfo(cursor: Cursor): TensorInfo {
  const path = cursor.file.path;
  const name = cursor.string('a tensor name');
  const numDims = cursor.u32(`dimensions of ${name}`);
  if (numDims < 1 || numDims > 4) throw damaged(path, `tensor ${name} has ${numDims} dimensions`);
  const shape = Array.from({ length: numDims }, () => cursor.u64(`a dimension of ${name}`)).reverse();
  const type = cursor.u32(`type of ${name}`);
  const format = BLOCK_FORMATS.get(type);
  const known = [...BLOCK_FORMATS.values()].map((each) => each.name).join(', ');
  if (!format) throw unsupported(path, `tensor ${name} has type ${type}; readable types are ${known}`);
  const numWeights = shape.reduce((product, dim) => product * dim, 1);
  const rowLength = shape.at(-1)!;
  if (numWeights < 1 || !Number.isSafeInteger(numWeights) || rowLength % format.weightsPerBlock !== 0) {
    throw damaged(path, `tensor ${name} of type ${format.name} has the impossible shape [${shape}]`);
  }
  const bytes = (numWeights / format.weightsPerBlock) * format.bytesPerBlock;
  return { name, shape, format, bytes, offset: cursor.u64(`offset of ${name}`) };
}

function placeTensors(
  cursor: Cursor,
  metadata: ReadonlyMap<string, MetadataValue>,
  infos: readonly TensorInfo[],
): Map<string, GgufTensor> {
  const file = cursor.file;
  const alignment = metadata.get('general.alignment') ?? 32;
  if (typeof alignment !== 'number' || !Number.isInteger(alignment) || alignment < 1 || alignment > 1 << 20) {
    throw damaged(file.path, `general.alignment is ${String(alignment)}`);
  }
  const dataStart = Math.ceil(cursor.position / alignment) * alignment;
  const tensors = new Map<string, GgufTensor>();
  for (const { name, ...tensor } of infos) {
    const offset = dataStart + tensor.offset;
    if (tensors.has(name)) throw damaged(file.path, `tensor ${name} appears twice`);
    if (offset + tensor.bytes > file.size) {
      throw damaged(
        file.path,
        `tensor ${name} ends at byte ${offset + tensor.bytes}, but the file has ${file.size}`,
      );
    }
    tensors.set(name, { ...tensor, offset });
  }
  return tensors;
}
