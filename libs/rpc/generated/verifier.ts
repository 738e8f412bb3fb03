import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { Features as _outrider_v1_Features, Features__Output as _outrider_v1_Features__Output } from './outrider/v1/Features.js';
import type { GenerateRequest as _outrider_v1_GenerateRequest, GenerateRequest__Output as _outrider_v1_GenerateRequest__Output } from './outrider/v1/GenerateRequest.js';
import type { GenerateResponse as _outrider_v1_GenerateResponse, GenerateResponse__Output as _outrider_v1_GenerateResponse__Output } from './outrider/v1/GenerateResponse.js';
import type { GetModelInfoRequest as _outrider_v1_GetModelInfoRequest, GetModelInfoRequest__Output as _outrider_v1_GetModelInfoRequest__Output } from './outrider/v1/GetModelInfoRequest.js';
import type { GetModelInfoResponse as _outrider_v1_GetModelInfoResponse, GetModelInfoResponse__Output as _outrider_v1_GetModelInfoResponse__Output } from './outrider/v1/GetModelInfoResponse.js';
import type { Grammar as _outrider_v1_Grammar, Grammar__Output as _outrider_v1_Grammar__Output } from './outrider/v1/Grammar.js';
import type { Round as _outrider_v1_Round, Round__Output as _outrider_v1_Round__Output } from './outrider/v1/Round.js';
import type { SamplingParams as _outrider_v1_SamplingParams, SamplingParams__Output as _outrider_v1_SamplingParams__Output } from './outrider/v1/SamplingParams.js';
import type { Speculation as _outrider_v1_Speculation, Speculation__Output as _outrider_v1_Speculation__Output } from './outrider/v1/Speculation.js';
import type { TokenLogprobs as _outrider_v1_TokenLogprobs, TokenLogprobs__Output as _outrider_v1_TokenLogprobs__Output } from './outrider/v1/TokenLogprobs.js';
import type { TokenSequence as _outrider_v1_TokenSequence, TokenSequence__Output as _outrider_v1_TokenSequence__Output } from './outrider/v1/TokenSequence.js';
import type { VerifierServiceClient as _outrider_v1_VerifierServiceClient, VerifierServiceDefinition as _outrider_v1_VerifierServiceDefinition } from './outrider/v1/VerifierService.js';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  outrider: {
    v1: {
      DraftMode: EnumTypeDefinition
      Features: MessageTypeDefinition<_outrider_v1_Features, _outrider_v1_Features__Output>
      FinishReason: EnumTypeDefinition
      GenerateRequest: MessageTypeDefinition<_outrider_v1_GenerateRequest, _outrider_v1_GenerateRequest__Output>
      GenerateResponse: MessageTypeDefinition<_outrider_v1_GenerateResponse, _outrider_v1_GenerateResponse__Output>
      GetModelInfoRequest: MessageTypeDefinition<_outrider_v1_GetModelInfoRequest, _outrider_v1_GetModelInfoRequest__Output>
      GetModelInfoResponse: MessageTypeDefinition<_outrider_v1_GetModelInfoResponse, _outrider_v1_GetModelInfoResponse__Output>
      Grammar: MessageTypeDefinition<_outrider_v1_Grammar, _outrider_v1_Grammar__Output>
      Round: MessageTypeDefinition<_outrider_v1_Round, _outrider_v1_Round__Output>
      SamplingParams: MessageTypeDefinition<_outrider_v1_SamplingParams, _outrider_v1_SamplingParams__Output>
      Speculation: MessageTypeDefinition<_outrider_v1_Speculation, _outrider_v1_Speculation__Output>
      TokenLogprobs: MessageTypeDefinition<_outrider_v1_TokenLogprobs, _outrider_v1_TokenLogprobs__Output>
      TokenSequence: MessageTypeDefinition<_outrider_v1_TokenSequence, _outrider_v1_TokenSequence__Output>
      VerificationMode: EnumTypeDefinition
      VerifierService: SubtypeConstructor<typeof grpc.Client, _outrider_v1_VerifierServiceClient> & { service: _outrider_v1_VerifierServiceDefinition }
    }
  }
}

