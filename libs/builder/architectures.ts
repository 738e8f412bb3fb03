// What the supported families have that a Llama layer has not. Numbers (scales, caps, windows) are in the checkpoint's
// configuration; this table is about which tensors and nodes there are.
import type { Manifest } from '#libs/models/index.js';

export type ArchitectureName = Manifest['architecture'];

export interface Architecture {
  /** Biases on the query, key and value projections. */
  readonly qkvBias: boolean;
  /** A norm over each head of the queries and of the keys, before the rotary embedding. */
  readonly headNorms: boolean;
  /** Norms behind attention and MLP too, before each joins the residual stream. */
  readonly postNorms: boolean;
  /** Of the MLP's gate; `gelu` is the tanh approximation. */
  readonly activation: 'silu' | 'gelu';
}

const LLAMA: Architecture = { qkvBias: false, headNorms: false, postNorms: false, activation: 'silu' };

export const ARCHITECTURES: Readonly<Record<ArchitectureName, Architecture>> = {
  llama: LLAMA,
  qwen2: { ...LLAMA, qkvBias: true },
  qwen3: { ...LLAMA, headNorms: true },
  gemma2: { ...LLAMA, postNorms: true, activation: 'gelu' },
};

const NAMES = Object.keys(ARCHITECTURES) as ArchitectureName[];

/** "llama, qwen2, …", for messages. */
export const ARCHITECTURE_NAMES = NAMES.join(', ');

export function isArchitecture(name: unknown): name is ArchitectureName {
  return NAMES.includes(name as ArchitectureName);
}
