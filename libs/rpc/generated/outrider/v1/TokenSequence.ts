// Original file: proto/outrider/v1/sampling.proto


export interface TokenSequence {
  'tokens'?: (number)[];
}

export interface TokenSequence__Output {
  'tokens': (number)[];
}
