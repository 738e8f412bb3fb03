// Original file: proto/outrider/v1/verifier.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { GenerateRequest as _outrider_v1_GenerateRequest, GenerateRequest__Output as _outrider_v1_GenerateRequest__Output } from '../../outrider/v1/GenerateRequest.js';
import type { GenerateResponse as _outrider_v1_GenerateResponse, GenerateResponse__Output as _outrider_v1_GenerateResponse__Output } from '../../outrider/v1/GenerateResponse.js';
import type { GetModelInfoRequest as _outrider_v1_GetModelInfoRequest, GetModelInfoRequest__Output as _outrider_v1_GetModelInfoRequest__Output } from '../../outrider/v1/GetModelInfoRequest.js';
import type { GetModelInfoResponse as _outrider_v1_GetModelInfoResponse, GetModelInfoResponse__Output as _outrider_v1_GetModelInfoResponse__Output } from '../../outrider/v1/GetModelInfoResponse.js';

export interface VerifierServiceClient extends grpc.Client {
  Generate(argument: _outrider_v1_GenerateRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_outrider_v1_GenerateResponse__Output>;
  Generate(argument: _outrider_v1_GenerateRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_outrider_v1_GenerateResponse__Output>;
  generate(argument: _outrider_v1_GenerateRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_outrider_v1_GenerateResponse__Output>;
  generate(argument: _outrider_v1_GenerateRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_outrider_v1_GenerateResponse__Output>;
  
  GetModelInfo(argument: _outrider_v1_GetModelInfoRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_outrider_v1_GetModelInfoResponse__Output>): grpc.ClientUnaryCall;
  GetModelInfo(argument: _outrider_v1_GetModelInfoRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_outrider_v1_GetModelInfoResponse__Output>): grpc.ClientUnaryCall;
  GetModelInfo(argument: _outrider_v1_GetModelInfoRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_outrider_v1_GetModelInfoResponse__Output>): grpc.ClientUnaryCall;
  GetModelInfo(argument: _outrider_v1_GetModelInfoRequest, callback: grpc.requestCallback<_outrider_v1_GetModelInfoResponse__Output>): grpc.ClientUnaryCall;
  getModelInfo(argument: _outrider_v1_GetModelInfoRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_outrider_v1_GetModelInfoResponse__Output>): grpc.ClientUnaryCall;
  getModelInfo(argument: _outrider_v1_GetModelInfoRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_outrider_v1_GetModelInfoResponse__Output>): grpc.ClientUnaryCall;
  getModelInfo(argument: _outrider_v1_GetModelInfoRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_outrider_v1_GetModelInfoResponse__Output>): grpc.ClientUnaryCall;
  getModelInfo(argument: _outrider_v1_GetModelInfoRequest, callback: grpc.requestCallback<_outrider_v1_GetModelInfoResponse__Output>): grpc.ClientUnaryCall;
  
}

export interface VerifierServiceHandlers extends grpc.UntypedServiceImplementation {
  Generate: grpc.handleServerStreamingCall<_outrider_v1_GenerateRequest__Output, _outrider_v1_GenerateResponse>;
  
  GetModelInfo: grpc.handleUnaryCall<_outrider_v1_GetModelInfoRequest__Output, _outrider_v1_GetModelInfoResponse>;
  
}

export interface VerifierServiceDefinition extends grpc.ServiceDefinition {
  Generate: MethodDefinition<_outrider_v1_GenerateRequest, _outrider_v1_GenerateResponse, _outrider_v1_GenerateRequest__Output, _outrider_v1_GenerateResponse__Output>
  GetModelInfo: MethodDefinition<_outrider_v1_GetModelInfoRequest, _outrider_v1_GetModelInfoResponse, _outrider_v1_GetModelInfoRequest__Output, _outrider_v1_GetModelInfoResponse__Output>
}
