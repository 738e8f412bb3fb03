// The public gRPC service, through the client that libs/rpc offers.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  ChannelPool,
  checkHealth,
  GENERATION_SERVICE,
  type GenerateTextRequest,
  type GenerateTextResponse,
  GenerationClient,
} from '#libs/rpc/index.js';
import { gatewayUnderTest, STORY } from '../support/gateway-harness.js';
import { bytesOf, IM_END } from '../support/tiny-model-folder.js';

const REQUEST: GenerateTextRequest = {
  model: 'tiny',
  input: { messages: [{ role: 'user', content: 'Tell me a story.' }] },
  sampling: { temperature: 0, topK: 0, topP: 1 },
  maxTokens: 0,
  stop: [],
  speculation: { enabled: true, numSpeculativeTokens: 0, method: '' },
  sessionId: '',
};

async function grpcUnderTest(t: TestContext) {
  const under = await gatewayUnderTest(t);
  const pool = new ChannelPool();
  const client = new GenerationClient(`127.0.0.1:${under.gateway.grpcPort}`, pool);
  t.after(() => pool.close());
  return { ...under, client };
}

async function collect(responses: AsyncIterable<GenerateTextResponse>): Promise<GenerateTextResponse[]> {
  const all: GenerateTextResponse[] = [];
  for await (const response of responses) all.push(response);
  return all;
}

test('a call streams text, tokens and the statistics of each round, and ends with usage', async (t) => {
  const { client } = await grpcUnderTest(t);
  const responses = await collect(client.generate(REQUEST, { signal: t.signal }));
  assert.equal(responses.map(({ text }) => text).join(''), STORY);
  assert.deepEqual(
    responses.flatMap(({ tokens }) => tokens),
    [...bytesOf(STORY), IM_END],
  );
  assert.ok(responses.every(({ round }) => round?.drafted === 4 && round.accepted === 2));
  const { finishReason, usage } = responses.at(-1)!;
  assert.equal(finishReason, 'stop');
  const promptTokens = 3 + bytesOf('user\nTell me a story.\nassistant\n').length;
  assert.deepEqual(usage, { promptTokens, completionTokens: bytesOf(STORY).length + 1, cachedTokens: 7 });
  assert.ok(responses.slice(0, -1).every((response) => response.finishReason === undefined));
});

test('a plain prompt, stop strings, a length and a seed are honoured', async (t) => {
  const { client, verifiers } = await grpcUnderTest(t);
  const request = { ...REQUEST, input: { prompt: 'Say' }, maxTokens: 30, stop: ['time'] };
  const sampling = { temperature: 0.5, topK: 3, topP: 0.25, seed: 2n ** 63n };
  const responses = await collect(client.generate({ ...request, sampling }, { signal: t.signal }));
  assert.equal(responses.map(({ text }) => text).join(''), 'Once upon a ');
  assert.equal(responses.at(-1)!.finishReason, 'stop');
  const [asked] = verifiers[0]!.requests;
  assert.deepEqual(asked!.tokens, bytesOf('Say'));
  assert.equal(asked!.maxTokens, 30);
  assert.deepEqual(asked!.sampling, { ...sampling, verification: 'coupled' });
  const modes = { verification: 'block', draftMode: 'deterministic' } as const;
  await collect(client.generate({ ...request, sampling: { ...sampling, ...modes } }, { signal: t.signal }));
  assert.deepEqual(verifiers[0]!.requests[1]!.sampling, { ...sampling, ...modes });
});

test('refusals carry their code and field', async (t) => {
  const { client } = await grpcUnderTest(t);
  const refused = (change: Partial<GenerateTextRequest>) =>
    collect(client.generate({ ...REQUEST, ...change }, { signal: t.signal }));
  await assert.rejects(refused({ model: 'huge' }), { code: 'model_not_found', field: 'model' });
  await assert.rejects(refused({ input: { prompt: 'x'.repeat(600) } }), { code: 'context_length_exceeded' });
  const sampling = { temperature: 3, topK: 0, topP: 1 };
  await assert.rejects(refused({ sampling }), { code: 'invalid_argument', field: 'sampling.temperature' });
  const speculation = { enabled: true, numSpeculativeTokens: 0, method: 'magic' };
  await assert.rejects(refused({ speculation }), { code: 'invalid_argument', field: 'speculation.method' });
});

test('a client that cancels ends the call on the verifier', async (t) => {
  const { client, verifiers } = await grpcUnderTest(t);
  verifiers[0]!.mishaps.push({ kind: 'stall', afterRounds: 2 });
  const cancelled = verifiers[0]!.nextCancelled();
  const controller = new AbortController();
  await assert.rejects(
    async () => {
      for await (const { text } of client.generate(REQUEST, { signal: controller.signal }))
        if (text !== '') controller.abort();
    },
    { code: 'cancelled' },
  );
  await cancelled;
});

test('health says SERVING while a verifier is alive', async (t) => {
  const { gateway } = await grpcUnderTest(t);
  assert.equal(await checkHealth(`127.0.0.1:${gateway.grpcPort}`, GENERATION_SERVICE, t.signal), true);
});
