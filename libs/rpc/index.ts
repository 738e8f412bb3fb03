// The wire: clients, servers and the messages between them, as domain types. gRPC itself stays inside.

export type { CallOptions } from './client/call.js';
export { ChannelPool, type ChannelPoolOptions } from './client/channel-pool.js';
export { CircuitBreaker, type CircuitBreakerOptions } from './client/circuit-breaker.js';
export { DraftClient } from './client/draft-client.js';
export { GenerationClient } from './client/generation-client.js';
export { checkHealth, waitUntilServing } from './client/health-client.js';
export type { ProposeStream } from './client/propose-stream.js';
export { RemoteProposer, type RemoteProposerOptions } from './client/remote-proposer.js';
export { VerifierClient } from './client/verifier-client.js';
export { mostFeatureRows } from './convert/features.js';
export type {
  ChatMessage,
  FinishReason,
  GenerateRequest,
  GenerateResponse,
  GenerateTextRequest,
  GenerateTextResponse,
  ModelInfo,
  ProposeRequest,
  ProposeResponse,
  RoundStats,
  Speculation,
  TokenizerBytes,
  TokenizerPiece,
  TokenLogprobs,
  Usage,
} from './messages.js';
export { type DraftHandlers, draftServiceHandlers } from './server/draft-service.js';
export {
  GENERATION_SERVICE,
  type GenerationHandlers,
  generationServiceHandlers,
} from './server/generation-service.js';
export type { RpcService } from './server/rpc-service.js';
export type { CallContext } from './server/running-call.js';
export { type RpcServer, type ServerOptions, startServer } from './server/server.js';
export {
  type VerifierHandlers,
  verifierServiceHandlers,
} from './server/verifier-service.js';
export type { TlsOptions } from './tls.js';
export { openTlsFiles, type TlsEnvironment, tlsEnvironmentSchema } from './tls-files.js';
