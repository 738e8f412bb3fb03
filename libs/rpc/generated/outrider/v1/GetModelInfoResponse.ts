// Original file: proto/outrider/v1/model.proto


export interface GetModelInfoResponse {
  'model'?: (string);
  'vocabSize'?: (number);
  'vocabularyFingerprint'?: (string);
  'contextLength'?: (number);
}

export interface GetModelInfoResponse__Output {
  'model': (string);
  'vocabSize': (number);
  'vocabularyFingerprint': (string);
  'contextLength': (number);
}
