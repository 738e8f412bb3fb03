// An ONNX graph under construction, and its serialised form. Field numbers: github.com/onnx/onnx/blob/main/onnx/onnx.proto.
import { ProtoWriter } from './proto-writer.js';

export const MICROSOFT = 'com.microsoft';
const OPSET_VERSION = 21;
const IR_VERSION = 10;

/** TensorProto.DataType. */
export const DATA_TYPES = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
} as const;
export type DataType = keyof typeof DATA_TYPES;

/** A number is a fixed dimension, a string a free one. */
export type Dims = readonly (number | string)[];

export type Attribute = { int: number } | { float: number } | { graph: Graph };

/** Where an external tensor's bytes lie in the data file. */
export interface ExternalBytes {
  readonly file: string;
  readonly offset: number;
  readonly bytes: number;
}

export class Graph {
  private readonly proto = new ProtoWriter();

  constructor(private readonly name: string) {}

  /** Adds a node and returns its first output. */
  node(
    operator: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    domain = '',
  ): string {
    const node = new ProtoWriter();
    for (const input of inputs) node.string(1, input);
    for (const output of outputs) node.string(2, output);
    node.string(3, `${outputs[0]}.${operator}`).string(4, operator);
    for (const [name, value] of Object.entries(attributes)) node.message(5, attributeProto(name, value));
    this.proto.message(1, node.string(7, domain));
    return outputs[0]!;
  }

  /** A constant kept in the graph file; for small tensors. */
  constant(name: string, type: DataType, dims: readonly number[], values: ArrayBufferView): string {
    const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.proto.message(5, tensorProto(name, type, dims).bytes(9, raw));
    return name;
  }

  /** A constant whose bytes lie in the data file. */
  external(name: string, type: DataType, dims: readonly number[], place: ExternalBytes): string {
    const tensor = tensorProto(name, type, dims);
    const entries = { location: place.file, offset: place.offset, length: place.bytes };
    for (const [key, value] of Object.entries(entries)) {
      tensor.message(13, new ProtoWriter().string(1, key).string(2, String(value)));
    }
    this.proto.message(5, tensor.int(14, 1));
    return name;
  }

  input(name: string, type: DataType, dims: Dims): string {
    this.proto.message(11, valueInfo(name, tensorType(type, dims)));
    return name;
  }

  output(name: string, type: DataType, dims: Dims): void {
    this.proto.message(12, valueInfo(name, tensorType(type, dims)));
  }

  /** An output that is a sequence of float32 tensors. */
  sequenceOutput(name: string): void {
    const element = new ProtoWriter().message(1, new ProtoWriter().int(1, DATA_TYPES.float32));
    this.proto.message(
      12,
      valueInfo(name, new ProtoWriter().message(4, new ProtoWriter().message(1, element))),
    );
  }

  /** The graph's own message, for models and for attributes of `If`; call once, when the graph is complete. */
  message(): ProtoWriter {
    return this.proto.string(2, this.name);
  }
}

/** Serialises a whole model around its main graph. */
export function encodeModel(graph: Graph): Uint8Array {
  const opset = (domain: string, version: number) => new ProtoWriter().string(1, domain).int(2, version);
  return new ProtoWriter()
    .int(1, IR_VERSION)
    .string(2, 'outrider')
    .message(7, graph.message())
    .message(8, opset('', OPSET_VERSION))
    .message(8, opset(MICROSOFT, 1))
    .finish();
}

function attributeProto(name: string, value: Attribute): ProtoWriter {
  const proto = new ProtoWriter().string(1, name);
  if ('int' in value) return proto.int(3, value.int).int(20, 2);
  if ('float' in value) return proto.float(2, value.float).int(20, 1);
  return proto.message(6, value.graph.message()).int(20, 5);
}

function tensorProto(name: string, type: DataType, dims: readonly number[]): ProtoWriter {
  const proto = new ProtoWriter();
  for (const dim of dims) proto.int(1, dim);
  return proto.int(2, DATA_TYPES[type]).string(8, name);
}

function tensorType(type: DataType, dims: Dims): ProtoWriter {
  const shape = new ProtoWriter();
  for (const dim of dims) {
    shape.message(
      1,
      typeof dim === 'number' ? new ProtoWriter().int(1, dim) : new ProtoWriter().string(2, dim),
    );
  }
  return new ProtoWriter().message(1, new ProtoWriter().int(1, DATA_TYPES[type]).message(2, shape));
}

function valueInfo(name: string, type: ProtoWriter): ProtoWriter {
  return new ProtoWriter().string(1, name).message(2, type);
}
