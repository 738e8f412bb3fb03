// Streamed responses: events in their order, faults, clients that leave.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '#libs/errors/index.js';
import { gatewayUnderTest, STORY } from '../support/gateway-harness.js';
import { type AnyJson } from '../support/post-json.js';
import { bytesOf } from '../support/tiny-model-folder.js';

const ASK = { model: 'tiny', input: 'Tell me a story.' };

const ANSWER_TOKENS = bytesOf(STORY).length + 1;

/** The events as they go over the wire, each under its own name. */
async function eventsOf(url: string, body: object): Promise<AnyJson[]> {
  const response = await fetch(`${url}/v1/responses`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const frames = (await response.text()).trimEnd().split('\n\n');
  return frames.map((frame) => {
    const [event, data] = frame.split('\n');
    const value = JSON.parse(data!.slice('data: '.length));
    assert.equal(event, `event: ${value.type}`);
    return value;
  });
}

test('a streamed response tells of itself, its item, its part and its text in order', async (t) => {
  const { client } = await gatewayUnderTest(t);
  const events = [];
  for await (const event of await client.responses.create({ ...ASK, stream: true })) events.push(event);
  assert.deepEqual(
    events.map(({ sequence_number }) => sequence_number),
    events.map((_, i) => i),
  );
  const types = events.map(({ type }) => type);
  const deltas = types.filter((type) => type === 'response.output_text.delta');
  assert.deepEqual(types, [
    'response.created',
    'response.in_progress',
    'response.output_item.added',
    'response.content_part.added',
    ...deltas,
    'response.output_text.done',
    'response.content_part.done',
    'response.output_item.done',
    'response.completed',
  ]);
  assert.ok(deltas.length > 5);
  const text = events
    .map((event) => (event.type === 'response.output_text.delta' ? event.delta : ''))
    .join('');
  assert.equal(text, STORY);
});

test('the client’s own stream helper puts the response together', async (t) => {
  const { client } = await gatewayUnderTest(t);
  const response = await client.responses.stream(ASK).finalResponse();
  assert.equal(response.output_text, STORY);
  assert.equal(response.status, 'completed');
  assert.equal(response.usage?.output_tokens, ANSWER_TOKENS);
});

test('a failure within the stream is an error event and a failed response, and the helper rejects', async (t) => {
  const { client, url, verifiers } = await gatewayUnderTest(t);
  const failure = () =>
    verifiers[0]!.mishaps.push({
      kind: 'fail',
      afterRounds: 2,
      error: new AppError('invalid_argument', 'sampling: broken.', { field: 'sampling' }),
    });
  failure();
  const events = await eventsOf(url, { ...ASK, stream: true });
  const [error, failed] = events.slice(-2);
  assert.deepEqual(error, {
    type: 'error',
    code: 'invalid_argument',
    message: 'sampling: broken.',
    param: 'sampling',
    sequence_number: events.length - 2,
  });
  assert.deepEqual([failed.type, failed.response.status], ['response.failed', 'failed']);
  assert.equal(failed.response.error.code, 'server_error');
  assert.equal(failed.response.output[0].content[0].text, STORY.slice(0, 6));
  failure();
  await assert.rejects(client.responses.stream(ASK).finalResponse(), /sampling: broken/);
  failure();
  await assert.rejects(client.responses.create(ASK), { status: 400 });
});

test('a client that leaves its stream ends the call on the verifier', async (t) => {
  const { client, verifiers } = await gatewayUnderTest(t);
  verifiers[0]!.mishaps.push({ kind: 'stall', afterRounds: 2 });
  const cancelled = verifiers[0]!.nextCancelled();
  const stream = await client.responses.create({ ...ASK, stream: true });
  for await (const { type } of stream) if (type === 'response.output_text.delta') stream.controller.abort();
  await cancelled;
});
