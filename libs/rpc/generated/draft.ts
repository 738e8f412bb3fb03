import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { DraftServiceClient as _outrider_v1_DraftServiceClient, DraftServiceDefinition as _outrider_v1_DraftServiceDefinition } from './outrider/v1/DraftService.js';
import type { Features as _outrider_v1_Features, Features__Output as _outrider_v1_Features__Output } from './outrider/v1/Features.js';
import type { GetModelInfoRequest as _outrider_v1_GetModelInfoRequest, GetModelInfoRequest__Output as _outrider_v1_GetModelInfoRequest__Output } from './outrider/v1/GetModelInfoRequest.js';
import type { GetModelInfoResponse as _outrider_v1_GetModelInfoResponse, GetModelInfoResponse__Output as _outrider_v1_GetModelInfoResponse__Output } from './outrider/v1/GetModelInfoResponse.js';
import type { GetTokenizerRequest as _outrider_v1_GetTokenizerRequest, GetTokenizerRequest__Output as _outrider_v1_GetTokenizerRequest__Output } from './outrider/v1/GetTokenizerRequest.js';
import type { GetTokenizerResponse as _outrider_v1_GetTokenizerResponse, GetTokenizerResponse__Output as _outrider_v1_GetTokenizerResponse__Output } from './outrider/v1/GetTokenizerResponse.js';
import type { Proposal as _outrider_v1_Proposal, Proposal__Output as _outrider_v1_Proposal__Output } from './outrider/v1/Proposal.js';
import type { ProposeRequest as _outrider_v1_ProposeRequest, ProposeRequest__Output as _outrider_v1_ProposeRequest__Output } from './outrider/v1/ProposeRequest.js';
import type { ProposeResponse as _outrider_v1_ProposeResponse, ProposeResponse__Output as _outrider_v1_ProposeResponse__Output } from './outrider/v1/ProposeResponse.js';
import type { SamplingParams as _outrider_v1_SamplingParams, SamplingParams__Output as _outrider_v1_SamplingParams__Output } from './outrider/v1/SamplingParams.js';
import type { SessionLost as _outrider_v1_SessionLost, SessionLost__Output as _outrider_v1_SessionLost__Output } from './outrider/v1/SessionLost.js';
import type { TokenSequence as _outrider_v1_TokenSequence, TokenSequence__Output as _outrider_v1_TokenSequence__Output } from './outrider/v1/TokenSequence.js';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  outrider: {
    v1: {
      DraftMode: EnumTypeDefinition
      DraftService: SubtypeConstructor<typeof grpc.Client, _outrider_v1_DraftServiceClient> & { service: _outrider_v1_DraftServiceDefinition }
      Features: MessageTypeDefinition<_outrider_v1_Features, _outrider_v1_Features__Output>
      GetModelInfoRequest: MessageTypeDefinition<_outrider_v1_GetModelInfoRequest, _outrider_v1_GetModelInfoRequest__Output>
      GetModelInfoResponse: MessageTypeDefinition<_outrider_v1_GetModelInfoResponse, _outrider_v1_GetModelInfoResponse__Output>
      GetTokenizerRequest: MessageTypeDefinition<_outrider_v1_GetTokenizerRequest, _outrider_v1_GetTokenizerRequest__Output>
      GetTokenizerResponse: MessageTypeDefinition<_outrider_v1_GetTokenizerResponse, _outrider_v1_GetTokenizerResponse__Output>
      Proposal: MessageTypeDefinition<_outrider_v1_Proposal, _outrider_v1_Proposal__Output>
      ProposalMode: EnumTypeDefinition
      ProposeRequest: MessageTypeDefinition<_outrider_v1_ProposeRequest, _outrider_v1_ProposeRequest__Output>
      ProposeResponse: MessageTypeDefinition<_outrider_v1_ProposeResponse, _outrider_v1_ProposeResponse__Output>
      SamplingParams: MessageTypeDefinition<_outrider_v1_SamplingParams, _outrider_v1_SamplingParams__Output>
      SessionLost: MessageTypeDefinition<_outrider_v1_SessionLost, _outrider_v1_SessionLost__Output>
      TokenSequence: MessageTypeDefinition<_outrider_v1_TokenSequence, _outrider_v1_TokenSequence__Output>
      VerificationMode: EnumTypeDefinition
    }
  }
}

