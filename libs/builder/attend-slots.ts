// Attention proper, of several sequences that share a forward: the rows of each slot are gathered, attend to the slot's own
// KV buffers, and are put back in their order. Which rows a slot gets is an input, so the caller pads where the exactness
// of one sequence needs it (a second row beside a single one; wide-heads.ts), in attention alone: the linear layers see
// every row once. An unused slot costs an `If`.
import { type Attended, attentionAttributes } from './attend.js';
import type { GraphParts } from './graph-parts.js';
import { addHeadNorms } from './head-norms.js';
import { Graph, MICROSOFT } from './onnx/graph.js';

const NO_HEADS = 'slots.no_heads';

/**
 * Inputs besides the KV buffers past.{slot}.{i}.k|v: seqlens_k and total_sequence_length int32 [slots] as for one sequence,
 * slot_used bool [slots], slot_rows int64 [A] (the rows that attention of the first slot sees, then of the second, …),
 * slot_row_counts int64 [slots], kept_rows int64 [S] (where among those the S rows are).
 */
export function declareSlots({ graph, config, numSlots }: GraphParts): void {
  const { numLayers, numKvHeads, numHeads, headDim } = config;
  const split = (name: string, counts: readonly string[], attributes = {}) => {
    const outputs = Array.from({ length: numSlots }, (_, slot) => `${name}.${slot}`);
    graph.node('Split', [name, ...counts], outputs, { axis: { int: 0 }, ...attributes });
  };
  const each = { num_outputs: { int: numSlots } };
  for (const name of ['seqlens_k', 'total_sequence_length']) {
    graph.input(name, 'int32', [numSlots]);
    split(name, [], each);
  }
  graph.input('slot_used', 'bool', [numSlots]);
  split('slot_used', [], each);
  graph.input('slot_rows', 'int64', ['A']);
  graph.input('slot_row_counts', 'int64', [numSlots]);
  split('slot_rows', ['slot_row_counts']);
  graph.input('kept_rows', 'int64', ['S']);
  graph.constant(NO_HEADS, 'float32', [1, 0, numHeads * headDim], new Float32Array(0));
  for (let slot = 0; slot < numSlots; slot++)
    for (let layer = 0; layer < numLayers; layer++)
      for (const part of ['k', 'v']) {
        graph.input(`past.${slot}.${layer}.${part}`, 'float32', [1, numKvHeads, `P${slot}`, headDim]);
        graph.output(`present.${slot}.${layer}.${part}`, 'float32', [1, numKvHeads, `P${slot}`, headDim]);
      }
}

/** Returns the heads: [1, S, numHeads · headDim]. */
export function attendSlots(parts: GraphParts, graph: Graph, { packed, headNorms, layer }: Attended): string {
  const width = { axis: { int: -1 } };
  if (headNorms !== null)
    packed = graph.node(
      'Concat',
      addHeadNorms(parts, graph, packed, headNorms),
      [`${packed}.together`],
      width,
    );
  const heads = Array.from({ length: parts.numSlots }, (_, slot) =>
    addSlot(parts, graph, packed, layer, slot),
  );
  const all = graph.node('Concat', heads, [`l${layer}.all_heads`], { axis: { int: 1 } });
  return graph.node('Gather', [all, 'kept_rows'], [`l${layer}.heads`], { axis: { int: 1 } });
}

/** Returns the slot's heads: [1, its rows, numHeads · headDim]. */
function addSlot(parts: GraphParts, graph: Graph, packed: string, layer: number, slot: number): string {
  const { numHeads, numKvHeads, headDim } = parts.config;
  const name = `l${layer}.slot${slot}`;
  const past = ['k', 'v'].map((part) => `past.${slot}.${layer}.${part}`);
  const outputs = [`${name}.heads`, ...['k', 'v'].map((part) => `present.${slot}.${layer}.${part}`)];
  const dims = [
    [1, 'rows', numHeads * headDim],
    [1, numKvHeads, `P${slot}`, headDim],
    [1, numKvHeads, `P${slot}`, headDim],
  ];
  const branch = (kind: string, fill: (body: Graph, names: readonly string[]) => void): Graph => {
    const body = new Graph(`${name}.${kind}`);
    const names = outputs.map((output) => `${kind}.${output}`);
    fill(body, names);
    for (const [i, output] of names.entries()) body.output(output, 'float32', dims[i]!);
    return body;
  };
  const used = branch('used', (body, names) => {
    const rows = body.node('Gather', [packed, `slot_rows.${slot}`], [`${name}.qkv`], { axis: { int: 1 } });
    const lengths = [`seqlens_k.${slot}`, `total_sequence_length.${slot}`];
    const inputs = [rows, '', '', ...past, ...lengths, 'rope.cos', 'rope.sin'];
    body.node('GroupQueryAttention', inputs, names, attentionAttributes(parts, layer), MICROSOFT);
  });
  const unused = branch('unused', (body, names) => {
    for (const [i, input] of [NO_HEADS, ...past].entries()) body.node('Identity', [input], [names[i]!]);
  });
  graph.node('If', [`slot_used.${slot}`], outputs, {
    then_branch: { graph: used },
    else_branch: { graph: unused },
  });
  return outputs[0]!;
}
