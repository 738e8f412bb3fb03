// Every refusal on Anthropic's paths has Anthropic's shape and names the field at fault.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { ASK } from '../support/anthropic.js';
import { gatewayUnderTest } from '../support/gateway-harness.js';
import { postJson } from '../support/post-json.js';

test('a wrong or refused field is a 400 in Anthropic’s shape that names it', async (t) => {
  const { url, verifiers } = await gatewayUnderTest(t);
  const says = (...content: unknown[]) => ({ ...ASK, messages: [{ role: 'user', content }] });
  const wrong: [string, object][] = [
    ['model', { max_tokens: 1, messages: ASK.messages }],
    ['max_tokens', { model: 'tiny', messages: ASK.messages }],
    ['messages', { model: 'tiny', max_tokens: 1 }],
    ['messages', { ...ASK, messages: [] }],
    ['messages[0].role', { ...ASK, messages: [{ role: 'system', content: 'a' }] }],
    ['messages[1].role', { ...ASK, messages: [...ASK.messages, { role: 'assistant', content: 'a' }] }],
    ['messages[0].content[0].type', says({ type: 'image', source: {} })],
    ['messages[0].content[0].type', says({ type: 'document', source: {} })],
    ['messages[0].content[1].text', says({ type: 'text', text: 'a' }, { type: 'text' })],
    ['messages[0].content[0].tool_use_id', says({ type: 'tool_result', content: 'a' })],
    [
      'messages[0].content[0].content[0].type',
      says({ type: 'tool_result', tool_use_id: 't', content: [{ type: 'image' }] }),
    ],
    ['system', { ...ASK, system: 5 }],
    ['temperature', { ...ASK, temperature: 1.1 }],
    ['stop_sequences[0]', { ...ASK, stop_sequences: [''] }],
    ['thinking', { ...ASK, thinking: { type: 'enabled', budget_tokens: 1024 } }],
    ['mcp_servers', { ...ASK, mcp_servers: [{ type: 'url' }] }],
    ['speculation.enabled', { ...ASK, speculation: { enabled: 1 } }],
  ];
  for (const [field, request] of wrong) {
    const { status, body } = await postJson(`${url}/v1/messages`, request);
    const what = JSON.stringify(request).slice(0, 200);
    assert.deepEqual([status, body.type, body.error.type], [400, 'error', 'invalid_request_error'], what);
    assert.ok(body.error.message.startsWith(field), `${field}: ${body.error.message}`);
    assert.match(body.request_id, /^req_/);
  }
  assert.equal(verifiers[0]!.requests.length, 0);
});

test('every other refusal on this path has Anthropic’s shape too', async (t) => {
  const { url } = await gatewayUnderTest(t);
  const path = `${url}/v1/messages`;
  const typeOf = async (body: unknown, headers: Record<string, string> = {}) => {
    const answer = await postJson(path, body, headers);
    return [answer.status, answer.body.error.type];
  };
  assert.deepEqual(await typeOf('{"model":'), [400, 'invalid_request_error']);
  assert.deepEqual(await typeOf({ ...ASK, model: 'huge' }), [404, 'not_found_error']);
  assert.deepEqual(await typeOf({ ...ASK, system: 'x'.repeat(70_000) }), [413, 'request_too_large']);
  assert.deepEqual(await typeOf({ ...ASK, system: 'x'.repeat(600) }), [400, 'invalid_request_error']);
  assert.deepEqual(await typeOf(ASK, { 'content-type': 'text/plain' }), [415, 'invalid_request_error']);
  const wrongWay = await fetch(path, { headers: { 'x-request-id': 'mine' } });
  assert.deepEqual([wrongWay.status, wrongWay.headers.get('allow')], [405, 'POST']);
  assert.equal(wrongWay.headers.get('request-id'), 'mine');
  const { request_id } = (await wrongWay.json()) as { request_id: string };
  assert.equal(request_id, 'mine');
});

test('without a verifier a message is a 503 overloaded_error with Retry-After', async (t) => {
  const { url } = await gatewayUnderTest(t, { numVerifiers: 0 });
  const { status, headers, body } = await postJson(`${url}/v1/messages`, { ...ASK, stream: true });
  assert.deepEqual([status, body.error.type, headers.get('retry-after')], [503, 'overloaded_error', '1']);
});

test('without a key a message is a 401 in Anthropic’s shape, and the client’s own header carries one', async (t) => {
  const key = 'sk-alice-0123456789';
  const { url } = await gatewayUnderTest(t, { apiKeys: [`alice:${key}`] });
  const { status, body } = await postJson(`${url}/v1/messages`, ASK);
  assert.deepEqual([status, body.type, body.error.type], [401, 'error', 'authentication_error']);
  const client = new Anthropic({ baseURL: url, apiKey: key, maxRetries: 0 });
  assert.equal((await client.messages.create(ASK)).stop_reason, 'end_turn');
});
