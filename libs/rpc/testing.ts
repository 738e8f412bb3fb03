// What this lib's tests share: services on loopback with scripted handlers, and messages to send them.
import type { TestContext } from 'node:test';
import { GREEDY, type Proposal } from '#libs/sampling/index.js';
import { ChannelPool } from './client/channel-pool.js';
import type { GenerateRequest, GenerateResponse, ModelInfo, ProposeRequest, RoundStats } from './messages.js';
import { type DraftHandlers, draftServiceHandlers } from './server/draft-service.js';
import type { RpcService } from './server/rpc-service.js';
import { type RpcServer, type ServerOptions, startServer } from './server/server.js';
import { type VerifierHandlers, verifierServiceHandlers } from './server/verifier-service.js';

export interface Served {
  readonly server: RpcServer;
  readonly endpoint: string;
}

export async function serve(
  t: TestContext,
  services: readonly RpcService[],
  options: Partial<ServerOptions> = {},
): Promise<Served> {
  const server = await startServer({ host: '127.0.0.1', port: 0, services, serving: true, ...options });
  t.after(() => server.close());
  return { server, endpoint: `127.0.0.1:${server.port}` };
}

export function serveDraft(
  t: TestContext,
  propose: DraftHandlers['propose'],
  options?: Partial<ServerOptions>,
): Promise<Served> {
  return serve(t, [draftServiceHandlers({ propose, modelInfo: async () => MODEL_INFO })], options);
}

export function serveVerifier(
  t: TestContext,
  generate: VerifierHandlers['generate'],
  options?: Partial<ServerOptions>,
): Promise<Served> {
  return serve(t, [verifierServiceHandlers({ generate, modelInfo: async () => MODEL_INFO })], options);
}

export function poolFor(t: TestContext): ChannelPool {
  const pool = new ChannelPool();
  t.after(() => pool.close());
  return pool;
}

/** Rejects nothing and ends nothing: for calls that the test does not cancel. */
export function idleSignal(): AbortSignal {
  return new AbortController().signal;
}

/** A promise and its handles; Promise.withResolvers needs Node 22. */
export function deferred<T = void>() {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

export async function collect<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of iterable) all.push(item);
  return all;
}

/** Resolves when the signal aborts, with its reason. */
export function aborted(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(signal.reason);
    signal.addEventListener('abort', () => resolve(signal.reason), { once: true });
  });
}

export const MODEL_INFO: ModelInfo = {
  model: 'tiny',
  vocabSize: 32,
  vocabularyFingerprint: 'ab'.repeat(32),
  contextLength: 128,
};

export const GENERATE_REQUEST: GenerateRequest = {
  requestId: 'r-1',
  sessionId: 's-1',
  tokens: [1, 2, 3],
  promptLength: 3,
  cacheSalt: 'a',
  tenant: 't',
  priority: -3,
  sampling: { temperature: 0.7, topK: 5, topP: 0.9, seed: 2n ** 64n - 1n },
  maxTokens: 10,
  stopTokenIds: [7],
  speculation: { enabled: true, numSpeculativeTokens: 0, method: '' },
  draftEndpoints: ['127.0.0.1:9', '[::1]:50051'],
  fencingGeneration: 3n,
};

export const ROUND: RoundStats = {
  drafted: 4,
  accepted: 3,
  draftMs: 1.5,
  verifyMs: 2.5,
  totalMs: 4.25,
  draftComputeMs: 1.25,
  verifyComputeMs: 2.25,
  cachedTokens: 3,
  batchSize: 2,
  batchTokens: 7,
};

export function responseOf(tokens: readonly number[]): GenerateResponse {
  return { tokens, round: ROUND };
}

export function proposeRequest(round: number, tokens: readonly number[] = [1, 2, 3]): ProposeRequest {
  return {
    round,
    sessionId: 's-1',
    prefixLength: 0,
    tokens,
    promptLength: tokens.length,
    cacheSalt: 'b',
    maxTokens: 4,
    minConfidence: 0,
    sampling: GREEDY,
  };
}

export function certain(...tokens: number[]): Proposal {
  const none = new Uint32Array(0);
  return {
    mode: 'deterministic',
    tokens: Uint32Array.from(tokens),
    qIds: none,
    qProbabilities: new Float32Array(0),
    qOffsets: none,
  };
}
