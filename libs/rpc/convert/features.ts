// A target's features ↔ wire.
import type { FeatureLayout, FeatureRows } from '#libs/speculative/index.js';
import type {
  Features__Output as WireLayout,
  Features as WireLayoutInput,
} from '../generated/outrider/v1/Features.js';
import type {
  ProposeRequest__Output as WireRequest,
  ProposeRequest as WireRequestInput,
} from '../generated/outrider/v1/ProposeRequest.js';
import { MAX_FEATURE_BYTES, MAX_FEATURE_LAYERS, MAX_FEATURE_WIDTH } from '../limits.js';
import { atMost, inRange } from './check.js';
import { pack, packedLength, unpackUint16 } from './packed.js';

/** How many rows of this width one request may bring. */
export function mostFeatureRows(width: number): number {
  return Math.floor(MAX_FEATURE_BYTES / (width * Uint16Array.BYTES_PER_ELEMENT));
}

export function featuresToWire({ start, values }: FeatureRows): Partial<WireRequestInput> {
  return { features: pack(values), featuresStart: start };
}

/** Whole rows or not: only who knows their width can tell. */
export function featuresFromWire({
  features,
  featuresStart,
  prefixLength,
  tokens,
}: WireRequest): FeatureRows {
  atMost(features, MAX_FEATURE_BYTES, 'features');
  packedLength(features, 'features', Uint16Array.BYTES_PER_ELEMENT);
  const start = inRange(featuresStart, 0, prefixLength + tokens.length, 'features_start');
  return { start, values: unpackUint16(features) };
}

export function layoutToWire({ layers, width }: FeatureLayout): WireLayoutInput {
  return { layers: [...layers], width };
}

export function layoutFromWire({ layers, width }: WireLayout): FeatureLayout {
  return {
    layers: atMost(layers, MAX_FEATURE_LAYERS, 'features.layers'),
    width: inRange(width, 1, MAX_FEATURE_WIDTH, 'features.width'),
  };
}
