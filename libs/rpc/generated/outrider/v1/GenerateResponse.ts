// Original file: proto/outrider/v1/verifier.proto

import type { Round as _outrider_v1_Round, Round__Output as _outrider_v1_Round__Output } from '../../outrider/v1/Round.js';
import type { FinishReason as _outrider_v1_FinishReason, FinishReason__Output as _outrider_v1_FinishReason__Output } from '../../outrider/v1/FinishReason.js';
import type { TokenLogprobs as _outrider_v1_TokenLogprobs, TokenLogprobs__Output as _outrider_v1_TokenLogprobs__Output } from '../../outrider/v1/TokenLogprobs.js';

export interface GenerateResponse {
  'tokens'?: (number)[];
  'round'?: (_outrider_v1_Round | null);
  'finishReason'?: (_outrider_v1_FinishReason);
  'logprobs'?: (_outrider_v1_TokenLogprobs)[];
  'promptLogprobs'?: (_outrider_v1_TokenLogprobs)[];
}

export interface GenerateResponse__Output {
  'tokens': (number)[];
  'round': (_outrider_v1_Round__Output | null);
  'finishReason': (_outrider_v1_FinishReason__Output);
  'logprobs': (_outrider_v1_TokenLogprobs__Output)[];
  'promptLogprobs': (_outrider_v1_TokenLogprobs__Output)[];
}
