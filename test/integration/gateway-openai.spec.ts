// The official OpenAI client against the gateway: what it sends and what it must get back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gatewayUnderTest, STORY } from '../support/gateway-harness.js';
import { bytesOf, IM_END } from '../support/tiny-model-folder.js';

const CHAT = { model: 'tiny', messages: [{ role: 'user' as const, content: 'Tell me a story.' }] };
/** One token a byte: the template around the message, and the message. */
const PROMPT_TOKENS = 3 + bytesOf('user\nTell me a story.\nassistant\n').length;

test('a chat answer holds the whole text, exact usage and the metrics of its rounds', async (t) => {
  const { client, verifiers } = await gatewayUnderTest(t);
  const create = client.chat.completions.create({ ...CHAT, temperature: 0, seed: -1 });
  const { data: answer, response } = await create.withResponse();
  assert.equal(response.status, 200);
  const numTokens = bytesOf(STORY).length + 1;
  assert.match(answer.id, /^chatcmpl-[0-9a-f]{32}$/);
  assert.equal(answer.object, 'chat.completion');
  assert.equal(answer.created, 1_700_000_000);
  assert.deepEqual(answer.choices, [
    {
      index: 0,
      message: { role: 'assistant', content: STORY, refusal: null },
      logprobs: null,
      finish_reason: 'stop',
    },
  ]);
  assert.deepEqual(answer.usage, {
    prompt_tokens: PROMPT_TOKENS,
    completion_tokens: numTokens,
    total_tokens: PROMPT_TOKENS + numTokens,
    prompt_tokens_details: { cached_tokens: 7 },
  });
  const rounds = Math.ceil(numTokens / 3);
  const later = rounds - 1;
  const { metrics } = answer as unknown as { metrics: Record<string, unknown> };
  assert.deepEqual(metrics.speculative_decoding, {
    mean_acceptance_length: 3,
    draft_acceptance_rate: 0.5,
    acceptance_histogram: [0, 0, rounds, 0, 0],
    num_spec_steps: rounds,
    num_accepted_draft_tokens: 2 * rounds,
    num_draft_tokens: 4 * rounds,
    num_spec_tokens: 4,
  });
  assert.deepEqual(metrics.outrider, {
    prefill_ms: 5.5,
    rounds: later,
    draft_ms: 2 * later,
    verify_ms: 3 * later,
    draft_compute_ms: later,
    verify_compute_ms: 2 * later,
    total_ms: 5.5 * later,
    mean_batch_size: 1,
    drafted_ahead: 0,
    draft_failures: 0,
    failovers: 0,
  });
  const [request] = verifiers[0]!.requests;
  const seeded = { seed: 2n ** 64n - 1n, verification: 'coupled' };
  assert.deepEqual(request!.sampling, { temperature: 0, topK: 0, topP: 1, ...seeded });
  assert.deepEqual(request!.stopTokenIds, [IM_END]);
  assert.deepEqual(request!.draftEndpoints, ['127.0.0.1:9']);
  assert.equal(request!.maxTokens, 512 - PROMPT_TOKENS);
});

test('a chat stream begins with the role, joins to the text, and ends with a finish reason, usage and metrics', async (t) => {
  const { client } = await gatewayUnderTest(t);
  const stream = await client.chat.completions.create({
    ...CHAT,
    stream: true,
    stream_options: { include_usage: true },
  });
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  assert.equal(new Set(chunks.map(({ id }) => id)).size, 1);
  assert.ok(chunks.every(({ object }) => object === 'chat.completion.chunk'));
  assert.deepEqual(chunks[0]!.choices[0]!.delta, { role: 'assistant', content: '' });
  assert.equal(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join(''), STORY);
  const last = chunks.at(-1)!;
  assert.deepEqual(last.choices, []);
  assert.equal(last.usage?.completion_tokens, bytesOf(STORY).length + 1);
  assert.ok('metrics' in last);
  assert.ok(chunks.slice(0, -1).every(({ usage }) => usage === null));
  const reasons = chunks.slice(0, -1).map(({ choices }) => choices[0]!.finish_reason);
  assert.deepEqual(reasons, [...reasons.slice(0, -1).map(() => null), 'stop']);
});

test('without include_usage the chunk with the finish reason carries the metrics, and [DONE] follows it', async (t) => {
  const { url } = await gatewayUnderTest(t);
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...CHAT, stream: true }),
  });
  assert.match(response.headers.get('content-type')!, /^text\/event-stream/);
  assert.match(response.headers.get('x-request-id')!, /^req_/);
  assert.match(response.headers.get('openai-processing-ms')!, /^\d+$/);
  const events = (await response.text()).trimEnd().split('\n\n');
  assert.equal(events.at(-1), 'data: [DONE]');
  const last = JSON.parse(events.at(-2)!.slice('data: '.length));
  assert.equal(last.choices[0].finish_reason, 'stop');
  assert.ok('speculative_decoding' in last.metrics);
  assert.ok(!('usage' in last));
});

test('the stream helper of the client reads a whole chat completion', async (t) => {
  const { client } = await gatewayUnderTest(t);
  const completion = await client.chat.completions.stream(CHAT).finalChatCompletion();
  assert.equal(completion.choices[0]!.message.content, STORY);
  assert.equal(completion.choices[0]!.finish_reason, 'stop');
});

test('a stop string across rounds ends the text before it and frees the verifier', async (t) => {
  const { client, verifiers } = await gatewayUnderTest(t);
  verifiers[0]!.script = bytesOf(`${STORY}${STORY}${STORY}`);
  verifiers[0]!.roundDelayMs = 1;
  const cancelled = verifiers[0]!.nextCancelled();
  for (const stream of [false, true]) {
    const body = { ...CHAT, stop: ['unheard of', 'by the'] };
    const before = STORY.indexOf('by the');
    if (stream) {
      let text = '';
      let reason: string | null = null;
      for await (const chunk of await client.chat.completions.create({ ...body, stream: true })) {
        text += chunk.choices[0]!.delta.content ?? '';
        reason = chunk.choices[0]!.finish_reason;
      }
      assert.equal(text, STORY.slice(0, before));
      assert.equal(reason, 'stop');
    } else {
      const { choices, usage } = await client.chat.completions.create(body);
      assert.equal(choices[0]!.message.content, STORY.slice(0, before));
      assert.equal(choices[0]!.finish_reason, 'stop');
      assert.equal(usage!.completion_tokens, bytesOf(STORY.slice(0, before + 'by the'.length)).length);
      await cancelled;
    }
  }
});

test('a client that leaves its stream ends the call on the verifier at once', async (t) => {
  const { client, verifiers, metrics } = await gatewayUnderTest(t);
  verifiers[0]!.mishaps.push({ kind: 'stall', afterRounds: 2 });
  const cancelled = verifiers[0]!.nextCancelled();
  const stream = await client.chat.completions.create({ ...CHAT, stream: true });
  for await (const chunk of stream) if (chunk.choices[0]!.delta.content) stream.controller.abort();
  await cancelled;
  assert.equal(verifiers[0]!.requests.length, 1);
  assert.match(await metrics.render(), /request_success_total\{finished_reason="abort"\} 1/);
  assert.match(await metrics.render(), /num_requests_running 0/);
});
