import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { WorkerClient } from '#libs/engine/index.js';
import { ChannelPool, type GenerateRequest, startServer, VerifierClient } from '#libs/rpc/index.js';
import { GREEDY } from '#libs/sampling/index.js';
import { configuredWorkers, HeldPrefixes, openSession, prefixHashes } from '#libs/session/index.js';
import { createLogger, createVerifierMetrics } from '#libs/telemetry/index.js';
import type { GenerateCall } from './generate.js';
import { GenerationLimits } from './generation-limits.js';
import { verifierService } from './verifier.service.js';

const KNOWN = '10.0.0.7:50053';
const INFO = { model: 'm', vocabSize: 9, vocabularyFingerprint: 'v', contextLength: 512 };
const TOKENS = new Array<number>(64).fill(7);
const REQUEST: GenerateRequest = {
  requestId: 'r',
  sessionId: 's',
  tokens: TOKENS,
  promptLength: TOKENS.length,
  sampling: GREEDY,
  maxTokens: 64,
  stopTokenIds: [],
  speculation: { enabled: true, numSpeculativeTokens: 0, method: '' },
  draftEndpoints: [],
  fencingGeneration: 0n,
  cacheSalt: 'salt',
};
const ROUND = {
  drafted: 0,
  accepted: 0,
  draftMs: 0,
  verifyMs: 0,
  totalMs: 0,
  draftComputeMs: 0,
  verifyComputeMs: 0,
  cachedTokens: 0,
};

/** The service over a worker that answers every call with 64 tokens. */
async function served(t: TestContext) {
  const calls: GenerateCall[] = [];
  const worker = {
    async *call(_method: string, call: GenerateCall) {
      calls.push(call);
      yield { tokens: TOKENS, round: ROUND, finishReason: 'length' };
    },
  } as unknown as WorkerClient<unknown>;
  const workers = configuredWorkers('draft', [KNOWN], INFO);
  const session = await openSession({ workers, now: () => performance.now() });
  const logger = createLogger({ service: 'verifier', level: 'silent' });
  const held = new HeldPrefixes(10_000);
  const limits = new GenerationLimits({ maxGenerations: 4, maxTokens: 10_000 });
  const context = { info: INFO, session, logger };
  const service = verifierService(worker, limits, context, createVerifierMetrics(), held);
  const server = await startServer({ host: '127.0.0.1', port: 0, serving: true, services: [service] });
  const pool = new ChannelPool();
  t.after(async () => {
    pool.close();
    await server.close();
    await session.close();
  });
  const client = new VerifierClient(`127.0.0.1:${server.port}`, pool);
  const ask = async (request: Partial<GenerateRequest> = {}) => {
    const responses = client.generate({ ...REQUEST, ...request }, { signal: t.signal });
    for await (const _ of responses);
  };
  return { ask, calls, held };
}

test('whatever a caller names, only drafts that the registry lists are dialled', async (t) => {
  const { ask, calls } = await served(t);
  await ask({ draftEndpoints: ['169.254.169.254:80', KNOWN, '127.0.0.1:6379', '10.0.0.7:50054'] });
  assert.deepEqual(calls[0]!.draftEndpoints, [KNOWN]);
});

test('a call with an older fencing generation than the session has seen is refused, others are not', async (t) => {
  const { ask, calls } = await served(t);
  await ask({ fencingGeneration: 5n });
  await assert.rejects(ask({ fencingGeneration: 4n }), { code: 'failed_precondition' });
  for (const request of [
    { fencingGeneration: 5n },
    { fencingGeneration: 0n },
    { sessionId: 'x', fencingGeneration: 1n },
  ])
    await ask(request);
  assert.equal(calls.length, 4);
});

test('what was read and written is told by the hashes of its own salt', async (t) => {
  const { ask, held } = await served(t);
  await ask();
  assert.deepEqual(new Set(held.hashes), new Set(prefixHashes('salt', [...TOKENS, ...TOKENS])));
  assert.equal(held.hashes.size, 2);
});
