// Original file: proto/outrider/v1/verifier.proto

import type { SamplingParams as _outrider_v1_SamplingParams, SamplingParams__Output as _outrider_v1_SamplingParams__Output } from '../../outrider/v1/SamplingParams.js';
import type { Speculation as _outrider_v1_Speculation, Speculation__Output as _outrider_v1_Speculation__Output } from '../../outrider/v1/Speculation.js';
import type { Grammar as _outrider_v1_Grammar, Grammar__Output as _outrider_v1_Grammar__Output } from '../../outrider/v1/Grammar.js';
import type { Long } from '@grpc/proto-loader';

export interface GenerateRequest {
  'requestId'?: (string);
  'sessionId'?: (string);
  'tokens'?: (number)[];
  'sampling'?: (_outrider_v1_SamplingParams | null);
  'maxTokens'?: (number);
  'stopTokenIds'?: (number)[];
  'speculation'?: (_outrider_v1_Speculation | null);
  'draftEndpoints'?: (string)[];
  'fencingGeneration'?: (number | string | Long);
  'promptLength'?: (number);
  'grammar'?: (_outrider_v1_Grammar | null);
  'logprobs'?: (number);
  'promptLogprobs'?: (number);
  'cacheSalt'?: (string);
  'tenant'?: (string);
  'priority'?: (number);
  '_logprobs'?: "logprobs";
  '_promptLogprobs'?: "promptLogprobs";
}

export interface GenerateRequest__Output {
  'requestId': (string);
  'sessionId': (string);
  'tokens': (number)[];
  'sampling': (_outrider_v1_SamplingParams__Output | null);
  'maxTokens': (number);
  'stopTokenIds': (number)[];
  'speculation': (_outrider_v1_Speculation__Output | null);
  'draftEndpoints': (string)[];
  'fencingGeneration': (string);
  'promptLength': (number);
  'grammar': (_outrider_v1_Grammar__Output | null);
  'logprobs'?: (number);
  'promptLogprobs'?: (number);
  'cacheSalt': (string);
  'tenant': (string);
  'priority': (number);
  '_logprobs'?: "logprobs";
  '_promptLogprobs'?: "promptLogprobs";
}
