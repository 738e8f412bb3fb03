import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { ChatMessage as _outrider_v1_ChatMessage, ChatMessage__Output as _outrider_v1_ChatMessage__Output } from './outrider/v1/ChatMessage.js';
import type { ChatMessages as _outrider_v1_ChatMessages, ChatMessages__Output as _outrider_v1_ChatMessages__Output } from './outrider/v1/ChatMessages.js';
import type { Features as _outrider_v1_Features, Features__Output as _outrider_v1_Features__Output } from './outrider/v1/Features.js';
import type { GenerateRequest as _outrider_v1_GenerateRequest, GenerateRequest__Output as _outrider_v1_GenerateRequest__Output } from './outrider/v1/GenerateRequest.js';
import type { GenerateResponse as _outrider_v1_GenerateResponse, GenerateResponse__Output as _outrider_v1_GenerateResponse__Output } from './outrider/v1/GenerateResponse.js';
import type { GenerationServiceClient as _outrider_v1_GenerationServiceClient, GenerationServiceDefinition as _outrider_v1_GenerationServiceDefinition } from './outrider/v1/GenerationService.js';
import type { GenerationServiceGenerateRequest as _outrider_v1_GenerationServiceGenerateRequest, GenerationServiceGenerateRequest__Output as _outrider_v1_GenerationServiceGenerateRequest__Output } from './outrider/v1/GenerationServiceGenerateRequest.js';
import type { GenerationServiceGenerateResponse as _outrider_v1_GenerationServiceGenerateResponse, GenerationServiceGenerateResponse__Output as _outrider_v1_GenerationServiceGenerateResponse__Output } from './outrider/v1/GenerationServiceGenerateResponse.js';
import type { GetModelInfoRequest as _outrider_v1_GetModelInfoRequest, GetModelInfoRequest__Output as _outrider_v1_GetModelInfoRequest__Output } from './outrider/v1/GetModelInfoRequest.js';
import type { GetModelInfoResponse as _outrider_v1_GetModelInfoResponse, GetModelInfoResponse__Output as _outrider_v1_GetModelInfoResponse__Output } from './outrider/v1/GetModelInfoResponse.js';
import type { Grammar as _outrider_v1_Grammar, Grammar__Output as _outrider_v1_Grammar__Output } from './outrider/v1/Grammar.js';
import type { Round as _outrider_v1_Round, Round__Output as _outrider_v1_Round__Output } from './outrider/v1/Round.js';
import type { SamplingParams as _outrider_v1_SamplingParams, SamplingParams__Output as _outrider_v1_SamplingParams__Output } from './outrider/v1/SamplingParams.js';
import type { Speculation as _outrider_v1_Speculation, Speculation__Output as _outrider_v1_Speculation__Output } from './outrider/v1/Speculation.js';
import type { TokenLogprobs as _outrider_v1_TokenLogprobs, TokenLogprobs__Output as _outrider_v1_TokenLogprobs__Output } from './outrider/v1/TokenLogprobs.js';
import type { TokenSequence as _outrider_v1_TokenSequence, TokenSequence__Output as _outrider_v1_TokenSequence__Output } from './outrider/v1/TokenSequence.js';
import type { Usage as _outrider_v1_Usage, Usage__Output as _outrider_v1_Usage__Output } from './outrider/v1/Usage.js';
import type { VerifierServiceClient as _outrider_v1_VerifierServiceClient, VerifierServiceDefinition as _outrider_v1_VerifierServiceDefinition } from './outrider/v1/VerifierService.js';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  outrider: {
    v1: {
      ChatMessage: MessageTypeDefinition<_outrider_v1_ChatMessage, _outrider_v1_ChatMessage__Output>
      ChatMessages: MessageTypeDefinition<_outrider_v1_ChatMessages, _outrider_v1_ChatMessages__Output>
      DraftMode: EnumTypeDefinition
      Features: MessageTypeDefinition<_outrider_v1_Features, _outrider_v1_Features__Output>
      FinishReason: EnumTypeDefinition
      GenerateRequest: MessageTypeDefinition<_outrider_v1_GenerateRequest, _outrider_v1_GenerateRequest__Output>
      GenerateResponse: MessageTypeDefinition<_outrider_v1_GenerateResponse, _outrider_v1_GenerateResponse__Output>
      GenerationService: SubtypeConstructor<typeof grpc.Client, _outrider_v1_GenerationServiceClient> & { service: _outrider_v1_GenerationServiceDefinition }
      GenerationServiceGenerateRequest: MessageTypeDefinition<_outrider_v1_GenerationServiceGenerateRequest, _outrider_v1_GenerationServiceGenerateRequest__Output>
      GenerationServiceGenerateResponse: MessageTypeDefinition<_outrider_v1_GenerationServiceGenerateResponse, _outrider_v1_GenerationServiceGenerateResponse__Output>
      GetModelInfoRequest: MessageTypeDefinition<_outrider_v1_GetModelInfoRequest, _outrider_v1_GetModelInfoRequest__Output>
      GetModelInfoResponse: MessageTypeDefinition<_outrider_v1_GetModelInfoResponse, _outrider_v1_GetModelInfoResponse__Output>
      Grammar: MessageTypeDefinition<_outrider_v1_Grammar, _outrider_v1_Grammar__Output>
      Round: MessageTypeDefinition<_outrider_v1_Round, _outrider_v1_Round__Output>
      SamplingParams: MessageTypeDefinition<_outrider_v1_SamplingParams, _outrider_v1_SamplingParams__Output>
      Speculation: MessageTypeDefinition<_outrider_v1_Speculation, _outrider_v1_Speculation__Output>
      TokenLogprobs: MessageTypeDefinition<_outrider_v1_TokenLogprobs, _outrider_v1_TokenLogprobs__Output>
      TokenSequence: MessageTypeDefinition<_outrider_v1_TokenSequence, _outrider_v1_TokenSequence__Output>
      Usage: MessageTypeDefinition<_outrider_v1_Usage, _outrider_v1_Usage__Output>
      VerificationMode: EnumTypeDefinition
      VerifierService: SubtypeConstructor<typeof grpc.Client, _outrider_v1_VerifierServiceClient> & { service: _outrider_v1_VerifierServiceDefinition }
    }
  }
}

