// Original file: proto/outrider/v1/draft.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { GetModelInfoRequest as _outrider_v1_GetModelInfoRequest, GetModelInfoRequest__Output as _outrider_v1_GetModelInfoRequest__Output } from '../../outrider/v1/GetModelInfoRequest.js';
import type { GetModelInfoResponse as _outrider_v1_GetModelInfoResponse, GetModelInfoResponse__Output as _outrider_v1_GetModelInfoResponse__Output } from '../../outrider/v1/GetModelInfoResponse.js';
import type { GetTokenizerRequest as _outrider_v1_GetTokenizerRequest, GetTokenizerRequest__Output as _outrider_v1_GetTokenizerRequest__Output } from '../../outrider/v1/GetTokenizerRequest.js';
import type { GetTokenizerResponse as _outrider_v1_GetTokenizerResponse, GetTokenizerResponse__Output as _outrider_v1_GetTokenizerResponse__Output } from '../../outrider/v1/GetTokenizerResponse.js';
import type { ProposeRequest as _outrider_v1_ProposeRequest, ProposeRequest__Output as _outrider_v1_ProposeRequest__Output } from '../../outrider/v1/ProposeRequest.js';
import type { ProposeResponse as _outrider_v1_ProposeResponse, ProposeResponse__Output as _outrider_v1_ProposeResponse__Output } from '../../outrider/v1/ProposeResponse.js';

export interface DraftServiceClient extends grpc.Client {
  GetModelInfo(argument: _outrider_v1_GetModelInfoRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_outrider_v1_GetModelInfoResponse__Output>): grpc.ClientUnaryCall;
  GetModelInfo(argument: _outrider_v1_GetModelInfoRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_outrider_v1_GetModelInfoResponse__Output>): grpc.ClientUnaryCall;
  GetModelInfo(argument: _outrider_v1_GetModelInfoRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_outrider_v1_GetModelInfoResponse__Output>): grpc.ClientUnaryCall;
  GetModelInfo(argument: _outrider_v1_GetModelInfoRequest, callback: grpc.requestCallback<_outrider_v1_GetModelInfoResponse__Output>): grpc.ClientUnaryCall;
  getModelInfo(argument: _outrider_v1_GetModelInfoRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_outrider_v1_GetModelInfoResponse__Output>): grpc.ClientUnaryCall;
  getModelInfo(argument: _outrider_v1_GetModelInfoRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_outrider_v1_GetModelInfoResponse__Output>): grpc.ClientUnaryCall;
  getModelInfo(argument: _outrider_v1_GetModelInfoRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_outrider_v1_GetModelInfoResponse__Output>): grpc.ClientUnaryCall;
  getModelInfo(argument: _outrider_v1_GetModelInfoRequest, callback: grpc.requestCallback<_outrider_v1_GetModelInfoResponse__Output>): grpc.ClientUnaryCall;
  
  GetTokenizer(argument: _outrider_v1_GetTokenizerRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_outrider_v1_GetTokenizerResponse__Output>;
  GetTokenizer(argument: _outrider_v1_GetTokenizerRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_outrider_v1_GetTokenizerResponse__Output>;
  getTokenizer(argument: _outrider_v1_GetTokenizerRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_outrider_v1_GetTokenizerResponse__Output>;
  getTokenizer(argument: _outrider_v1_GetTokenizerRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_outrider_v1_GetTokenizerResponse__Output>;
  
  Propose(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_outrider_v1_ProposeRequest, _outrider_v1_ProposeResponse__Output>;
  Propose(options?: grpc.CallOptions): grpc.ClientDuplexStream<_outrider_v1_ProposeRequest, _outrider_v1_ProposeResponse__Output>;
  propose(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_outrider_v1_ProposeRequest, _outrider_v1_ProposeResponse__Output>;
  propose(options?: grpc.CallOptions): grpc.ClientDuplexStream<_outrider_v1_ProposeRequest, _outrider_v1_ProposeResponse__Output>;
  
}

export interface DraftServiceHandlers extends grpc.UntypedServiceImplementation {
  GetModelInfo: grpc.handleUnaryCall<_outrider_v1_GetModelInfoRequest__Output, _outrider_v1_GetModelInfoResponse>;
  
  GetTokenizer: grpc.handleServerStreamingCall<_outrider_v1_GetTokenizerRequest__Output, _outrider_v1_GetTokenizerResponse>;
  
  Propose: grpc.handleBidiStreamingCall<_outrider_v1_ProposeRequest__Output, _outrider_v1_ProposeResponse>;
  
}

export interface DraftServiceDefinition extends grpc.ServiceDefinition {
  GetModelInfo: MethodDefinition<_outrider_v1_GetModelInfoRequest, _outrider_v1_GetModelInfoResponse, _outrider_v1_GetModelInfoRequest__Output, _outrider_v1_GetModelInfoResponse__Output>
  GetTokenizer: MethodDefinition<_outrider_v1_GetTokenizerRequest, _outrider_v1_GetTokenizerResponse, _outrider_v1_GetTokenizerRequest__Output, _outrider_v1_GetTokenizerResponse__Output>
  Propose: MethodDefinition<_outrider_v1_ProposeRequest, _outrider_v1_ProposeResponse, _outrider_v1_ProposeRequest__Output, _outrider_v1_ProposeResponse__Output>
}
