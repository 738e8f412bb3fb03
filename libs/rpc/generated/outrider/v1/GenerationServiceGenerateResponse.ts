// Original file: proto/outrider/v1/generation.proto

import type { Round as _outrider_v1_Round, Round__Output as _outrider_v1_Round__Output } from '../../outrider/v1/Round.js';
import type { FinishReason as _outrider_v1_FinishReason, FinishReason__Output as _outrider_v1_FinishReason__Output } from '../../outrider/v1/FinishReason.js';
import type { Usage as _outrider_v1_Usage, Usage__Output as _outrider_v1_Usage__Output } from '../../outrider/v1/Usage.js';

export interface GenerationServiceGenerateResponse {
  'text'?: (string);
  'tokens'?: (number)[];
  'round'?: (_outrider_v1_Round | null);
  'finishReason'?: (_outrider_v1_FinishReason);
  'usage'?: (_outrider_v1_Usage | null);
}

export interface GenerationServiceGenerateResponse__Output {
  'text': (string);
  'tokens': (number)[];
  'round': (_outrider_v1_Round__Output | null);
  'finishReason': (_outrider_v1_FinishReason__Output);
  'usage': (_outrider_v1_Usage__Output | null);
}
