// Original file: proto/outrider/v1/draft.proto

import type { SamplingParams as _outrider_v1_SamplingParams, SamplingParams__Output as _outrider_v1_SamplingParams__Output } from '../../outrider/v1/SamplingParams.js';
import type { Long } from '@grpc/proto-loader';

export interface ProposeRequest {
  'round'?: (number | string | Long);
  'sessionId'?: (string);
  'prefixLength'?: (number);
  'tokens'?: (number)[];
  'maxTokens'?: (number);
  'sampling'?: (_outrider_v1_SamplingParams | null);
  'minConfidence'?: (number | string);
  'vocabularyFingerprint'?: (string);
  'promptLength'?: (number);
  'minReach'?: (number | string);
  'cacheSalt'?: (string);
  'draftAhead'?: (number);
  'features'?: (Buffer | Uint8Array | string);
  'featuresStart'?: (number);
}

export interface ProposeRequest__Output {
  'round': (string);
  'sessionId': (string);
  'prefixLength': (number);
  'tokens': (number)[];
  'maxTokens': (number);
  'sampling': (_outrider_v1_SamplingParams__Output | null);
  'minConfidence': (number);
  'vocabularyFingerprint': (string);
  'promptLength': (number);
  'minReach': (number);
  'cacheSalt': (string);
  'draftAhead': (number);
  'features': (Buffer);
  'featuresStart': (number);
}
