// Original file: proto/outrider/v1/sampling.proto

import type { TokenSequence as _outrider_v1_TokenSequence, TokenSequence__Output as _outrider_v1_TokenSequence__Output } from '../../outrider/v1/TokenSequence.js';
import type { VerificationMode as _outrider_v1_VerificationMode, VerificationMode__Output as _outrider_v1_VerificationMode__Output } from '../../outrider/v1/VerificationMode.js';
import type { DraftMode as _outrider_v1_DraftMode, DraftMode__Output as _outrider_v1_DraftMode__Output } from '../../outrider/v1/DraftMode.js';
import type { Long } from '@grpc/proto-loader';

export interface SamplingParams {
  'temperature'?: (number | string);
  'topK'?: (number);
  'topP'?: (number | string);
  'seed'?: (number | string | Long);
  'minP'?: (number | string);
  'typicalP'?: (number | string);
  'frequencyPenalty'?: (number | string);
  'presencePenalty'?: (number | string);
  'repetitionPenalty'?: (number | string);
  'logitBias'?: ({[key: number]: number | string});
  'allowedTokenIds'?: (number)[];
  'badWords'?: (_outrider_v1_TokenSequence)[];
  'minTokens'?: (number);
  'stopTokenIds'?: (number)[];
  'verification'?: (_outrider_v1_VerificationMode);
  'draftMode'?: (_outrider_v1_DraftMode);
  '_seed'?: "seed";
}

export interface SamplingParams__Output {
  'temperature': (number);
  'topK': (number);
  'topP': (number);
  'seed'?: (string);
  'minP': (number);
  'typicalP': (number);
  'frequencyPenalty': (number);
  'presencePenalty': (number);
  'repetitionPenalty': (number);
  'logitBias': ({[key: number]: number});
  'allowedTokenIds': (number)[];
  'badWords': (_outrider_v1_TokenSequence__Output)[];
  'minTokens': (number);
  'stopTokenIds': (number)[];
  'verification': (_outrider_v1_VerificationMode__Output);
  'draftMode': (_outrider_v1_DraftMode__Output);
  '_seed'?: "seed";
}
