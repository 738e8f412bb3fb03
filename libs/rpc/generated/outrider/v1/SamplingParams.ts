// Original file: proto/outrider/v1/sampling.proto

import type { Long } from '@grpc/proto-loader';

export interface SamplingParams {
  'temperature'?: (number | string);
  'topK'?: (number);
  'topP'?: (number | string);
  'seed'?: (number | string | Long);
  '_seed'?: "seed";
}

export interface SamplingParams__Output {
  'temperature': (number);
  'topK': (number);
  'topP': (number);
  'seed'?: (string);
  '_seed'?: "seed";
}
