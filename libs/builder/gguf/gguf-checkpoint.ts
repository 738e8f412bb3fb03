// A GGUF file as a Checkpoint: configuration from its metadata, tensors renamed and, for Llama, un-permuted.
import { BinaryFile } from '../binary-file.js';
import { type Checkpoint, type CheckpointConfig, checkShape } from '../checkpoint.js';
import { damaged } from '../damaged.js';
import { ggufConfig } from './gguf-config.js';
import { type GgufHeader, readGgufHeader } from './header.js';
import { huggingFaceName } from './tensor-names.js';
import { ggufTokenizer } from './tokenizer.js';
import { unpermuteRows } from './unpermute.js';

/** Throws `failed_precondition` with the reason if the file is damaged or of another architecture. */
export function openGguf(path: string): Checkpoint {
  const file = BinaryFile.open(path);
  try {
    const header = readGgufHeader(file);
    const config = ggufConfig(path, header);
    const names = new Map(
      [...header.tensors.keys()].map((name) => [huggingFaceName(path, config.architecture, name), name]),
    );
    return {
      path,
      config,
      tensorNames: [...names.keys()],
      headTokenIds: () => null,
      tensor: (name, shape) => readTensor(file, header, config, name, names.get(name), shape),
      tokenizer: () => ggufTokenizer(path, header.metadata),
      close: () => file.close(),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

function readTensor(
  file: BinaryFile,
  header: GgufHeader,
  config: CheckpointConfig,
  name: string,
  ggufName: string | undefined,
  shape: readonly number[],
): Float32Array {
  const tensor = ggufName === undefined ? undefined : header.tensors.get(ggufName);
  if (!tensor) throw damaged(file.path, `tensor ${name} is missing`);
  checkShape(file.path, name, tensor.shape, shape);
  const source = file.read(tensor.offset, tensor.bytes, `tensor ${name}`);
  const values = new Float32Array(shape.reduce((product, dim) => product * dim, 1));
  tensor.format.decode(source, values);
  if (config.architecture !== 'llama') return values;
  const isQuery = name.endsWith('q_proj.weight');
  if (!isQuery && !name.endsWith('k_proj.weight')) return values;
  return unpermuteRows(
    values,
    isQuery ? config.numHeads : config.numKvHeads,
    config.headDim,
    config.hiddenSize,
  );
}
