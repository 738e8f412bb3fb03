import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GenerateTextRequest, GenerateTextResponse } from '../messages.js';
import { generationServiceHandlers } from '../server/generation-service.js';
import { collect, idleSignal, poolFor, ROUND, serve } from '../testing.js';
import { GenerationClient } from './generation-client.js';

const REQUEST: GenerateTextRequest = {
  model: 'tiny',
  input: { prompt: 'Once' },
  sampling: { temperature: 0.7, topK: 0, topP: 1, seed: 7n },
  maxTokens: 4,
  stop: [],
  speculation: { enabled: true, numSpeculativeTokens: 0, method: '' },
  sessionId: '',
};

test('a public generation streams text, tokens and rounds, and ends with a reason and the usage', async (t) => {
  const answers: GenerateTextResponse[] = [
    { text: ' upon', tokens: [3], round: ROUND },
    {
      text: ' a',
      tokens: [4],
      finishReason: 'length',
      usage: { promptTokens: 1, completionTokens: 2, cachedTokens: 0 },
    },
  ];
  const service = generationServiceHandlers({
    async *generate(request) {
      assert.deepEqual(request, REQUEST);
      yield* answers;
    },
  });
  const { endpoint } = await serve(t, [service]);
  const client = new GenerationClient(endpoint, poolFor(t));
  assert.deepEqual(await collect(client.generate(REQUEST, { signal: idleSignal() })), answers);
});
