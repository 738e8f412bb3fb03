// Original file: proto/outrider/v1/verifier.proto


export interface Speculation {
  'enabled'?: (boolean);
  'numSpeculativeTokens'?: (number);
  'method'?: (string);
  'controller'?: (string);
  'optimistic'?: (string);
  '_enabled'?: "enabled";
}

export interface Speculation__Output {
  'enabled'?: (boolean);
  'numSpeculativeTokens': (number);
  'method': (string);
  'controller': (string);
  'optimistic': (string);
  '_enabled'?: "enabled";
}
