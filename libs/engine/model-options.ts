// What an engine wants to know of a model, and what a forward of it can be asked.
import type { KvShape } from './kv-cache.js';
import type { SideRows, SideWidths } from './side-rows.js';

export interface ModelOptions extends KvShape {
  /** The .onnx file; its weights lie beside it. */
  readonly graphPath: string;
  /** Logits a row. */
  readonly headSize: number;
  /** Positions the rotary tables cover. */
  readonly contextLength: number;
  readonly threads: number;
  /** Bitwise the same logits in any chunking: needed for targets, wasted on drafts. */
  readonly exact: boolean;
  /** Whether the graph has the `skip_mask` input: bool [2 · numLayers], attention i at 2i, MLP i at 2i + 1. */
  readonly layerSkip: boolean;
  /** The graph of several slots, in a file beside this one: see BatchGraph. */
  readonly batch?: BatchFile | null | undefined;
  /** The features that a target's graph gives; null or absent: none. */
  readonly features?: FeatureShape | null | undefined;
  /** Of a draft that has one: the graph that reads its target's features, in a file beside this one. */
  readonly featureDraft?: FeatureDraftFile | null | undefined;
  /** Needed only by a feature draft. */
  readonly hiddenSize?: number | undefined;
  /** The features that this graph reads: set by `openEngine`. */
  readonly reads?: FeatureShape | undefined;
}

/** Rows of a target's residual streams behind some of its layers (counted from 0), joined: numbers a row. */
export interface FeatureShape {
  readonly layers: readonly number[];
  readonly width: number;
}

export interface FeatureDraftFile extends FeatureShape {
  readonly file: string;
  readonly numLayers: number;
  readonly batch?: BatchFile | null | undefined;
}

/** What a forward can be given and asked beside tokens and logits. */
export interface ForwardOptions extends SideRows {
  /**
   * 1 skips a sub-layer (attention i at 2i, MLP i at 2i + 1). Such rows are a draft's: not exact, and to be truncated before
   * the full model reads on. [subLayers]
   */
  readonly skipMask?: Uint8Array | undefined;
}

export interface BatchFile {
  readonly file: string;
  readonly numSlots: number;
  /** Tokens, cached ones included, that attention must be given of a sequence. */
  readonly fewestTokens: number;
}

/** Sub-layers that the skip mask covers. */
export function subLayersOf({ layerSkip, numLayers }: ModelOptions): number {
  return layerSkip ? 2 * numLayers : 0;
}

export function sideWidthsOf({ features, reads, hiddenSize = 0 }: ModelOptions): SideWidths {
  return {
    features: features?.width ?? 0,
    readFeatures: reads?.width ?? 0,
    states: reads === undefined ? 0 : hiddenSize,
  };
}
