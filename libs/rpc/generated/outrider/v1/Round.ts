// Original file: proto/outrider/v1/verifier.proto


export interface Round {
  'drafted'?: (number);
  'accepted'?: (number);
  'draftMs'?: (number | string);
  'verifyMs'?: (number | string);
  'totalMs'?: (number | string);
  'draftComputeMs'?: (number | string);
  'verifyComputeMs'?: (number | string);
  'cachedTokens'?: (number);
  'draftFailure'?: (string);
  'draftedAhead'?: (number);
  'batchSize'?: (number);
  'batchTokens'?: (number);
}

export interface Round__Output {
  'drafted': (number);
  'accepted': (number);
  'draftMs': (number);
  'verifyMs': (number);
  'totalMs': (number);
  'draftComputeMs': (number);
  'verifyComputeMs': (number);
  'cachedTokens': (number);
  'draftFailure': (string);
  'draftedAhead': (number);
  'batchSize': (number);
  'batchTokens': (number);
}
