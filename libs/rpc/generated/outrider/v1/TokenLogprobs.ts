// Original file: proto/outrider/v1/verifier.proto


export interface TokenLogprobs {
  'logprob'?: (number | string);
  'topIds'?: (number)[];
  'topLogprobs'?: (number | string)[];
}

export interface TokenLogprobs__Output {
  'logprob': (number);
  'topIds': (number)[];
  'topLogprobs': (number)[];
}
