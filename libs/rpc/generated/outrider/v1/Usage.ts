// Original file: proto/outrider/v1/generation.proto


export interface Usage {
  'promptTokens'?: (number);
  'completionTokens'?: (number);
  'cachedTokens'?: (number);
}

export interface Usage__Output {
  'promptTokens': (number);
  'completionTokens': (number);
  'cachedTokens': (number);
}
