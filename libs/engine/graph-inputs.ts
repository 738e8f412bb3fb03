// What the graph is fed besides the KV cache and side rows (docs/architecture.md, the graph's inputs).
import { Tensor } from 'onnxruntime-node';

export interface GraphInputs {
  readonly tokens: readonly number[];
  /** Tokens that the cache holds already. */
  readonly past: number;
  /** Logits are wanted of `rows` tokens from `firstRow` on. */
  readonly firstRow: number;
  readonly rows: number;
  /** Sub-layers that the skip mask covers; 0 if the graph has none. */
  readonly subLayers: number;
  /** 1 skips a sub-layer; default none. [subLayers] */
  readonly skipMask?: Uint8Array | undefined;
}

export function graphInputs({
  tokens,
  past,
  firstRow,
  rows,
  subLayers,
  skipMask = new Uint8Array(subLayers),
}: GraphInputs): Record<string, Tensor> {
  const total = past + tokens.length;
  const inputs: Record<string, Tensor> = {
    input_ids: new Tensor('int64', BigInt64Array.from(tokens, BigInt), [1, tokens.length]),
    seqlens_k: new Tensor('int32', Int32Array.of(total - 1), [1]),
    total_sequence_length: new Tensor('int32', Int32Array.of(total), [1]),
    logit_rows: new Tensor(
      'int64',
      BigInt64Array.from({ length: rows }, (_, i) => BigInt(firstRow + i)),
      [rows],
    ),
  };
  if (subLayers > 0) inputs.skip_mask = new Tensor('bool', skipMask, [subLayers]);
  return inputs;
}
