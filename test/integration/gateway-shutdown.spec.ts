// A gateway that is told to end: what runs may finish, what is new goes elsewhere, and nothing is cut silently.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type GatewayUnderTest, gatewayUnderTest, STORY } from '../support/gateway-harness.js';

const CHAT = {
  model: 'tiny',
  messages: [{ role: 'user' as const, content: 'Hello' }],
  stream: true as const,
};

/** Reads a stream to its end; `onText` is called once, with the first text. */
async function read({ client }: GatewayUnderTest, onText: () => void): Promise<string> {
  let text = '';
  for await (const chunk of await client.chat.completions.create(CHAT)) {
    if (text === '' && chunk.choices[0]!.delta.content) onText();
    text += chunk.choices[0]!.delta.content ?? '';
  }
  return text;
}

test('running answers finish, readiness goes, and new requests are refused with Retry-After', async (t) => {
  const under = await gatewayUnderTest(t, { shutdownTimeoutMs: 10_000 });
  under.verifiers[0]!.roundDelayMs = 10;
  let closed: Promise<void> | undefined;
  let refused: Promise<Response> | undefined;
  let ready: Promise<Response> | undefined;
  const text = await read(under, () => {
    closed = under.gateway.close();
    ready = fetch(`${under.url}/ready`);
    const headers = { 'content-type': 'application/json' };
    refused = fetch(`${under.url}/v1/chat/completions`, {
      method: 'POST',
      headers,
      body: JSON.stringify(CHAT),
    });
  });
  assert.equal(text, STORY);
  assert.equal((await ready!).status, 503);
  assert.equal((await refused!).status, 503);
  assert.equal((await refused!).headers.get('retry-after'), '1');
  await closed;
  await assert.rejects(fetch(`${under.url}/health`));
});

test('an answer that takes too long ends with an error event', async (t) => {
  const under = await gatewayUnderTest(t, { shutdownTimeoutMs: 50 });
  under.verifiers[0]!.mishaps.push({ kind: 'stall', afterRounds: 2 });
  let closed: Promise<void> | undefined;
  const reading = read(under, () => {
    closed = under.gateway.close();
  });
  await assert.rejects(reading, /shut down before the answer was complete/);
  await closed;
});
