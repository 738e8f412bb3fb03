// IEEE half precision and bfloat16 to float32.

/** Value of one IEEE 754 half, given its 16 bits. */
export function float16ToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

let table: Float32Array | undefined;

/** All 65,536 halves as float32, made once: decoding millions of weights becomes a look-up. */
export function float16Table(): Float32Array {
  table ??= Float32Array.from({ length: 65_536 }, (_, bits) => float16ToNumber(bits));
  return table;
}

/** Decodes little-endian halves. */
export function decodeFloat16(source: Buffer, target: Float32Array): void {
  const halves = float16Table();
  for (let i = 0; i < target.length; i++) target[i] = halves[source.readUInt16LE(2 * i)]!;
}

/** Decodes little-endian bfloat16: the upper half of a float32. */
export function decodeBfloat16(source: Buffer, target: Float32Array): void {
  const bits = new Uint32Array(target.buffer, target.byteOffset, target.length);
  for (let i = 0; i < target.length; i++) bits[i] = source.readUInt16LE(2 * i) << 16;
}

/** Decodes little-endian float32. */
export function decodeFloat32(source: Buffer, target: Float32Array): void {
  Buffer.from(target.buffer, target.byteOffset, target.byteLength).set(source.subarray(0, target.byteLength));
}
