// GGUF metadata values: numbers, booleans, strings and flat arrays of them.
import { damaged } from '../damaged.js';
import type { Cursor } from './cursor.js';

export type MetadataScalar = number | boolean | string;
export type MetadataValue = MetadataScalar | readonly MetadataScalar[];

const STRING = 8;
const ARRAY = 9;
const MAX_ELEMENTS = 1 << 23;

const FIXED: ReadonlyMap<number, { bytes: number; read: (raw: Buffer) => MetadataScalar }> = new Map([
  [0, { bytes: 1, read: (raw) => raw.readUInt8() }],
  [1, { bytes: 1, read: (raw) => raw.readInt8() }],
  [2, { bytes: 2, read: (raw) => raw.readUInt16LE() }],
  [3, { bytes: 2, read: (raw) => raw.readInt16LE() }],
  [4, { bytes: 4, read: (raw) => raw.readUInt32LE() }],
  [5, { bytes: 4, read: (raw) => raw.readInt32LE() }],
  [6, { bytes: 4, read: (raw) => raw.readFloatLE() }],
  [7, { bytes: 1, read: (raw) => raw.readUInt8() !== 0 }],
  [10, { bytes: 8, read: (raw) => Number(raw.readBigUInt64LE()) }],
  [11, { bytes: 8, read: (raw) => Number(raw.readBigInt64LE()) }],
  [12, { bytes: 8, read: (raw) => raw.readDoubleLE() }],
]);

/** Reads the value of `key`; throws `failed_precondition` on unknown types and on arrays the file cannot hold. */
export function readValue(cursor: Cursor, type: number, key: string): MetadataValue {
  if (type !== ARRAY) return readScalar(cursor, type, key);
  const elementType = cursor.u32(`element type of ${key}`);
  if (elementType === ARRAY) throw damaged(cursor.file.path, `${key} is an array of arrays`);
  const bytesEach = elementType === STRING ? 8 : (FIXED.get(elementType)?.bytes ?? 1);
  const count = cursor.count(`length of ${key}`, bytesEach, MAX_ELEMENTS);
  const values: MetadataScalar[] = [];
  for (let i = 0; i < count; i++) values.push(readScalar(cursor, elementType, key));
  return values;
}

function readScalar(cursor: Cursor, type: number, key: string): MetadataScalar {
  if (type === STRING) return cursor.string(key);
  const fixed = FIXED.get(type);
  if (!fixed) throw damaged(cursor.file.path, `${key} has the unknown value type ${type}`);
  return fixed.read(cursor.take(fixed.bytes, key));
}
