// Original file: proto/outrider/v1/generation.proto

import type { ChatMessages as _outrider_v1_ChatMessages, ChatMessages__Output as _outrider_v1_ChatMessages__Output } from '../../outrider/v1/ChatMessages.js';
import type { SamplingParams as _outrider_v1_SamplingParams, SamplingParams__Output as _outrider_v1_SamplingParams__Output } from '../../outrider/v1/SamplingParams.js';
import type { Speculation as _outrider_v1_Speculation, Speculation__Output as _outrider_v1_Speculation__Output } from '../../outrider/v1/Speculation.js';

export interface GenerationServiceGenerateRequest {
  'model'?: (string);
  'prompt'?: (string);
  'chat'?: (_outrider_v1_ChatMessages | null);
  'sampling'?: (_outrider_v1_SamplingParams | null);
  'maxTokens'?: (number);
  'stop'?: (string)[];
  'speculation'?: (_outrider_v1_Speculation | null);
  'sessionId'?: (string);
  'priority'?: (number);
  'input'?: "prompt"|"chat";
}

export interface GenerationServiceGenerateRequest__Output {
  'model': (string);
  'prompt'?: (string);
  'chat'?: (_outrider_v1_ChatMessages__Output | null);
  'sampling': (_outrider_v1_SamplingParams__Output | null);
  'maxTokens': (number);
  'stop': (string)[];
  'speculation': (_outrider_v1_Speculation__Output | null);
  'sessionId': (string);
  'priority': (number);
  'input'?: "prompt"|"chat";
}
