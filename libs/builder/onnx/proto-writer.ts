// The protobuf wire format, as much as an ONNX file needs (protobuf.dev/programming-guides/encoding).

const VARINT = 0;
const BYTES = 2;
const FIXED32 = 5;

export class ProtoWriter {
  private readonly chunks: Uint8Array[] = [];

  /** An int32, int64 or enum field. */
  int(field: number, value: number | bigint): this {
    this.key(field, VARINT);
    this.varint(BigInt(value));
    return this;
  }

  float(field: number, value: number): this {
    this.key(field, FIXED32);
    const bytes = Buffer.alloc(4);
    bytes.writeFloatLE(value);
    this.chunks.push(bytes);
    return this;
  }

  string(field: number, value: string): this {
    return this.bytes(field, Buffer.from(value, 'utf8'));
  }

  message(field: number, value: ProtoWriter): this {
    return this.bytes(field, value.finish());
  }

  bytes(field: number, value: Uint8Array): this {
    this.key(field, BYTES);
    this.varint(BigInt(value.length));
    this.chunks.push(value);
    return this;
  }

  finish(): Uint8Array {
    return Buffer.concat(this.chunks);
  }

  private key(field: number, wireType: number): void {
    this.varint(BigInt((field << 3) | wireType));
  }

  /** Negative numbers are written as 64-bit two's complement. */
  private varint(value: bigint): void {
    let rest = BigInt.asUintN(64, value);
    const bytes: number[] = [];
    do {
      bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
      rest >>= 7n;
    } while (rest > 0n);
    this.chunks.push(Uint8Array.from(bytes));
  }
}
