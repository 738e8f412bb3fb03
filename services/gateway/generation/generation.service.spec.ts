import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import type { GenerateRequest, GenerateResponse } from '#libs/rpc/index.js';
import { createLogger, createMetrics } from '#libs/telemetry/index.js';
import { bytesOf, makeTinyModelFolder } from '../../../test/support/tiny-model-folder.js';
import { FolderTextModel } from './folder-text-model.js';
import { GenerationService } from './generation.service.js';
import type { GenerationRequest } from './generation-request.js';
import { RoundPace } from './round-pace.js';
import { RunningRequests } from './running-requests.js';

const REQUEST: GenerationRequest = {
  id: 'gen-1',
  model: 'tiny',
  input: { kind: 'text', text: 'Say' },
  sampling: { temperature: 0, topK: 0, topP: 1, seed: 0n },
  maxTokens: 6,
  stop: [],
  stopTokenIds: [],
  ignoreEos: false,
  badWords: [],
  speculation: { enabled: true, numSpeculativeTokens: 0, method: '' },
  sessionId: undefined,
};
const ROUND = {
  drafted: 0,
  accepted: 0,
  draftMs: 0,
  verifyMs: 1,
  totalMs: 1,
  draftComputeMs: 0,
  verifyComputeMs: 1,
  cachedTokens: 99,
};
const by = (signal: AbortSignal) => ({ tenant: 't', signal });
const never = () => by(new AbortController().signal);

/** A service whose verifier answers "abcabc…", two tokens a round, and never says that it is done. */
async function serviceUnderTest(t: TestContext) {
  const folder = await makeTinyModelFolder();
  t.after(() => rm(folder, { recursive: true }));
  const text = await FolderTextModel.open(folder, undefined);
  const asked: GenerateRequest[] = [];
  let open = 0;
  async function* generate(request: GenerateRequest): AsyncGenerator<GenerateResponse> {
    asked.push(request);
    open++;
    try {
      for (let at = 0; ; at += 2) yield { tokens: bytesOf('abc'.repeat(50).slice(at, at + 2)), round: ROUND };
    } finally {
      open--;
    }
  }
  const { manifestName: model, vocabularyFingerprint } = text;
  const verifier = {
    id: 'v',
    role: 'verifier' as const,
    endpoint: 'v:1',
    model,
    vocabularyFingerprint,
    draining: false,
  };
  const running = new RunningRequests();
  const metrics = createMetrics();
  const service = new GenerationService({
    text,
    router: { route: async () => ({ verifier, drafts: [], generation: 3n }) },
    dialer: () => ({ generate, close: () => {} }),
    running,
    metrics,
    logger: createLogger({ service: 'gateway', level: 'silent' }),
    now: () => performance.now(),
    unixSeconds: () => 0,
    maxBusyMs: 1_000,
    pace: new RoundPace(1_000),
    journals: { open: async () => undefined, end: () => {} },
  });
  return { service, running, metrics, asked, openCalls: () => open };
}

test('the text ends at max_tokens even if the verifier would go on, and the call is over by then', async (t) => {
  const { service, asked, openCalls } = await serviceUnderTest(t);
  const { chunks } = await service.start(REQUEST, never());
  let text = '';
  for await (const chunk of chunks) {
    text += chunk.text;
    if (chunk.summary === undefined) continue;
    assert.equal(openCalls(), 0);
    const { finishReason, completionTokens, promptTokens, cachedTokens } = chunk.summary;
    // No verifier can have found more tokens than the prompt has.
    assert.deepEqual([finishReason, completionTokens, promptTokens, cachedTokens], ['length', 6, 3, 3]);
  }
  assert.equal(text, 'abcabc');
  assert.equal(asked[0]!.fencingGeneration, 3n);
});

test('an answer that nobody began to read counts as aborted and holds up no shutdown', async (t) => {
  const { service, running, metrics, asked } = await serviceUnderTest(t);
  const generation = await service.start(REQUEST, never());
  generation.close();
  generation.close();
  await running.drain(60_000);
  assert.equal(asked.length, 0);
  const text = await metrics.render();
  assert.match(text, /num_requests_running 0/);
  assert.match(text, /request_success_total\{finished_reason="abort"\} 1/);
});

test('a reader that leaves ends the call and counts as aborted', async (t) => {
  const { service, metrics, openCalls } = await serviceUnderTest(t);
  const { chunks } = await service.start(REQUEST, never());
  for await (const { text } of chunks) if (text !== '') break;
  assert.equal(openCalls(), 0);
  assert.match(await metrics.render(), /request_success_total\{finished_reason="abort"\} 1/);
});

test('a caller that is gone already is not served', async (t) => {
  const { service, asked } = await serviceUnderTest(t);
  const { chunks } = await service.start(REQUEST, by(AbortSignal.abort()));
  await assert.rejects(
    async () => {
      for await (const chunk of chunks) assert.fail(chunk.text);
    },
    { code: 'cancelled' },
  );
  assert.equal(asked.length, 0);
});
