// Exact attention for heads of more than 128 dimensions (Gemma-2 has 256). ONNX Runtime's matrix product sums up to 128
// terms at once, but more where the result has at most 64 columns. So the scores of the first 64 tokens would differ in the
// last bit between a sequence that is fed in small pieces and one that comes whole. Attention here therefore always sees 65
// tokens: what is missing is padded with zeros behind the real ones, where causality hides them, and cut off again. Their
// keys and values land in rows of the cache that do not count yet. See docs/decisions/0010-wide-heads.md.
import type { CheckpointConfig } from './checkpoint.js';
import type { GraphParts } from './graph-parts.js';
import type { Graph } from './onnx/graph.js';

const TERMS_AT_ONCE = 128;
const FEWEST_TOKENS = 65;

const PADS = 'wide.pads';
const START = 'wide.start';
const END = 'wide.end';
const AXES = 'wide.axes';

/** Names of attention's inputs that tell it how many tokens there are. */
export interface Lengths {
  readonly seqlensK: string;
  readonly total: string;
}

const PLAIN: Lengths = { seqlensK: 'seqlens_k', total: 'total_sequence_length' };
const PADDED: Lengths = { seqlensK: 'wide.seqlens_k', total: 'wide.total' };

export function hasWideHeads({ headDim }: Pick<CheckpointConfig, 'headDim'>): boolean {
  return headDim > TERMS_AT_ONCE;
}

/** Tokens that attention always sees: the rotary tables and the cache must have room for them. */
export function fewestPositions(config: Pick<CheckpointConfig, 'headDim'>): number {
  return hasWideHeads(config) ? FEWEST_TOKENS : 1;
}

export function attentionLengths(parts: GraphParts): Lengths {
  return hasWideHeads(parts.config) ? PADDED : PLAIN;
}

/** What `padTokens` and `cutTokens` of every layer draw on. */
export function declarePadding({ graph }: GraphParts): void {
  graph.constant(START, 'int64', [1], BigInt64Array.of(0n));
  graph.constant(AXES, 'int64', [1], BigInt64Array.of(1n));
  graph.constant('wide.fewest', 'int32', [1], Int32Array.of(FEWEST_TOKENS));
  graph.constant('wide.none', 'int32', [1], Int32Array.of(0));
  graph.node('Sub', ['wide.fewest', PLAIN.total], ['wide.lacking']);
  const missing = graph.node('Max', ['wide.lacking', 'wide.none'], ['wide.missing']);
  graph.node('Add', [PLAIN.seqlensK, missing], [PADDED.seqlensK]);
  graph.node('Add', [PLAIN.total, missing], [PADDED.total]);
  const behind = graph.node('Cast', [missing], ['wide.behind'], { to: { int: 7 } });
  graph.node('Concat', [START, behind], [PADS], { axis: { int: 0 } });
  graph.node('Shape', ['input_ids'], [END], { start: { int: 1 }, end: { int: 2 } });
}

/** [1, S, …] → [1, S + missing, …] */
export function padTokens(parts: GraphParts, graph: Graph, x: string): string {
  return hasWideHeads(parts.config) ? graph.node('Pad', [x, PADS, '', AXES], [`${x}.padded`]) : x;
}

/** [1, S + missing, …] → [1, S, …] */
export function cutTokens(parts: GraphParts, graph: Graph, x: string): string {
  return hasWideHeads(parts.config) ? graph.node('Slice', [x, START, END, AXES], [`${x}.cut`]) : x;
}
