// Original file: proto/outrider/v1/model.proto

import type { Features as _outrider_v1_Features, Features__Output as _outrider_v1_Features__Output } from '../../outrider/v1/Features.js';

export interface GetModelInfoResponse {
  'model'?: (string);
  'vocabSize'?: (number);
  'vocabularyFingerprint'?: (string);
  'contextLength'?: (number);
  'features'?: (_outrider_v1_Features | null);
}

export interface GetModelInfoResponse__Output {
  'model': (string);
  'vocabSize': (number);
  'vocabularyFingerprint': (string);
  'contextLength': (number);
  'features': (_outrider_v1_Features__Output | null);
}
