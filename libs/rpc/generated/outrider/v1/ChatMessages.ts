// Original file: proto/outrider/v1/generation.proto

import type { ChatMessage as _outrider_v1_ChatMessage, ChatMessage__Output as _outrider_v1_ChatMessage__Output } from '../../outrider/v1/ChatMessage.js';

export interface ChatMessages {
  'messages'?: (_outrider_v1_ChatMessage)[];
}

export interface ChatMessages__Output {
  'messages': (_outrider_v1_ChatMessage__Output)[];
}
