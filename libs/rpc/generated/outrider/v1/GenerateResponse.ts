// Original file: proto/outrider/v1/verifier.proto

import type { Round as _outrider_v1_Round, Round__Output as _outrider_v1_Round__Output } from '../../outrider/v1/Round.js';
import type { FinishReason as _outrider_v1_FinishReason, FinishReason__Output as _outrider_v1_FinishReason__Output } from '../../outrider/v1/FinishReason.js';

export interface GenerateResponse {
  'tokens'?: (number)[];
  'round'?: (_outrider_v1_Round | null);
  'finishReason'?: (_outrider_v1_FinishReason);
}

export interface GenerateResponse__Output {
  'tokens': (number)[];
  'round': (_outrider_v1_Round__Output | null);
  'finishReason': (_outrider_v1_FinishReason__Output);
}
