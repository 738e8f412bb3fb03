// Original file: proto/outrider/v1/generation.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { GenerationServiceGenerateRequest as _outrider_v1_GenerationServiceGenerateRequest, GenerationServiceGenerateRequest__Output as _outrider_v1_GenerationServiceGenerateRequest__Output } from '../../outrider/v1/GenerationServiceGenerateRequest.js';
import type { GenerationServiceGenerateResponse as _outrider_v1_GenerationServiceGenerateResponse, GenerationServiceGenerateResponse__Output as _outrider_v1_GenerationServiceGenerateResponse__Output } from '../../outrider/v1/GenerationServiceGenerateResponse.js';

export interface GenerationServiceClient extends grpc.Client {
  Generate(argument: _outrider_v1_GenerationServiceGenerateRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_outrider_v1_GenerationServiceGenerateResponse__Output>;
  Generate(argument: _outrider_v1_GenerationServiceGenerateRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_outrider_v1_GenerationServiceGenerateResponse__Output>;
  generate(argument: _outrider_v1_GenerationServiceGenerateRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_outrider_v1_GenerationServiceGenerateResponse__Output>;
  generate(argument: _outrider_v1_GenerationServiceGenerateRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_outrider_v1_GenerationServiceGenerateResponse__Output>;
  
}

export interface GenerationServiceHandlers extends grpc.UntypedServiceImplementation {
  Generate: grpc.handleServerStreamingCall<_outrider_v1_GenerationServiceGenerateRequest__Output, _outrider_v1_GenerationServiceGenerateResponse>;
  
}

export interface GenerationServiceDefinition extends grpc.ServiceDefinition {
  Generate: MethodDefinition<_outrider_v1_GenerationServiceGenerateRequest, _outrider_v1_GenerationServiceGenerateResponse, _outrider_v1_GenerationServiceGenerateRequest__Output, _outrider_v1_GenerationServiceGenerateResponse__Output>
}
