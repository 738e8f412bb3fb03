// Streamed messages: events in their order, faults, clients that leave.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { AppError } from '#libs/errors/index.js';
import { ANSWER_TOKENS, ASK, anthropicClient, PROMPT_TOKENS } from '../support/anthropic.js';
import { gatewayUnderTest, STORY } from '../support/gateway-harness.js';

test('a streamed message tells of itself, its block and its text in order', async (t) => {
  const { url } = await gatewayUnderTest(t);
  const response = await fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...ASK, stream: true }),
  });
  const frames = (await response.text()).trimEnd().split('\n\n');
  const events = frames.map((frame) => {
    const [event, data] = frame.split('\n');
    const value = JSON.parse(data!.slice('data: '.length));
    assert.equal(event, `event: ${value.type}`);
    return value;
  });
  const types = events.map(({ type }) => type);
  const deltas = types.filter((type) => type === 'content_block_delta');
  assert.deepEqual(types, [
    'message_start',
    'ping',
    'content_block_start',
    ...deltas,
    'content_block_stop',
    'message_delta',
    'message_stop',
  ]);
  assert.ok(deltas.length > 5);
  assert.deepEqual(events[0].message.content, []);
  assert.equal(events[0].message.usage.input_tokens, PROMPT_TOKENS);
  assert.deepEqual(events[2].content_block, { type: 'text', text: '' });
});

test('the client’s own stream helper puts the message together', async (t) => {
  const { url } = await gatewayUnderTest(t);
  const stream = anthropicClient(url).messages.stream(ASK);
  assert.equal(await stream.finalText(), STORY);
  const { usage, stop_reason } = await stream.finalMessage();
  assert.equal(stop_reason, 'end_turn');
  assert.deepEqual(
    [usage.input_tokens, usage.cache_read_input_tokens, usage.output_tokens],
    [PROMPT_TOKENS - 7, 7, ANSWER_TOKENS],
  );
});

test('a failure within the stream is an error event, and the client throws', async (t) => {
  const { url, verifiers } = await gatewayUnderTest(t);
  const error = new AppError('invalid_argument', 'sampling: broken.', { field: 'sampling' });
  verifiers[0]!.mishaps.push({ kind: 'fail', afterRounds: 2, error });
  const message = anthropicClient(url).messages.stream(ASK).finalMessage();
  await assert.rejects(message, (thrown: unknown) => {
    assert.ok(thrown instanceof Anthropic.APIError);
    assert.equal(thrown.type, 'invalid_request_error');
    assert.match(thrown.message, /sampling: broken/);
    return true;
  });
});

test('a client that leaves its stream ends the call on the verifier', async (t) => {
  const { url, verifiers } = await gatewayUnderTest(t);
  verifiers[0]!.mishaps.push({ kind: 'stall', afterRounds: 2 });
  const cancelled = verifiers[0]!.nextCancelled();
  const stream = await anthropicClient(url).messages.create({ ...ASK, stream: true });
  for await (const { type } of stream) if (type === 'content_block_delta') stream.controller.abort();
  await cancelled;
});
