// The API document against the gateway that serves it: its routes are the registered ones, its schemas fit the answers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { z } from 'zod';
import {
  chatCompletion,
  chatCompletionChunk,
  errorAnswer,
  modelList,
  textCompletion,
} from '#services/gateway/openai/answer-schemas.js';
import { gatewayUnderTest } from '../support/gateway-harness.js';
import { bytesOf, IM_END } from '../support/tiny-model-folder.js';

const CHAT = { model: 'tiny', messages: [{ role: 'user' as const, content: 'Hello' }] };

interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, { requestBody?: object }>>;
}

test('the document lists exactly the registered routes', async (t) => {
  const { gateway, url } = await gatewayUnderTest(t);
  const response = await fetch(`${url}/openapi.json`);
  assert.match(response.headers.get('content-type')!, /^application\/json/);
  const document = (await response.json()) as Document;
  assert.equal(document.openapi, '3.1.0');
  const described = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const registered = gateway.routes
    .filter(({ method, path }) => method !== 'HEAD' && !/^\/docs(\/|$)/.test(path))
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
  assert.deepEqual(described.toSorted(), registered.toSorted());
});

test('the page is served whole from here, and its policy lets it load from nowhere else', async (t) => {
  const { url } = await gatewayUnderTest(t);
  const page = await fetch(`${url}/docs`);
  assert.equal(page.status, 200);
  const policy = page.headers.get('content-security-policy')!;
  assert.match(policy, /default-src 'none'; script-src 'self'/);
  assert.equal(/https?:|upgrade-insecure-requests/.test(policy), false);
  const html = await page.text();
  const links = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link!);
  assert.ok(links.length >= 5);
  for (const link of links) {
    const part = await fetch(new URL(link, `${url}/docs/`));
    assert.equal(part.status, 200, link);
    assert.ok((await part.text()).length > 0, link);
  }
  assert.equal(/<script(?![^>]*src=)|<style| on\w+=/.test(html), false);
  const json = (await (await fetch(`${url}/docs/json`)).json()) as Document;
  assert.equal(json.openapi, '3.1.0');
  assert.equal((await fetch(`${url}/docs/yaml`)).status, 200);
});

test('files beside the page are out of reach', async (t) => {
  const { url } = await gatewayUnderTest(t);
  for (const path of [
    '/docs/static/..%2f..%2fpackage.json',
    '/docs/static/%2e%2e/package.json',
    '/docs/static/x',
  ])
    assert.ok([400, 403, 404].includes((await fetch(`${url}${path}`)).status), path);
});

/** The schema drops what it doesn't know, so a difference is a field that the document is silent about. */
function fits(schema: z.ZodType, answer: unknown): void {
  assert.deepEqual(answer, schema.parse(answer));
}

test('real answers have the described fields and no others', async (t) => {
  const { url, client, verifiers } = await gatewayUnderTest(t, { contextLength: 4096 });
  const post = async (path: string, body: object) => {
    const headers = { 'content-type': 'application/json' };
    return (await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })).json();
  };
  fits(chatCompletion, await post('/v1/chat/completions', CHAT));
  fits(chatCompletion, await post('/v1/chat/completions', { ...CHAT, speculation: { enabled: false } }));
  fits(
    chatCompletion,
    await post('/v1/chat/completions', { ...CHAT, n: 2, logprobs: true, top_logprobs: 2 }),
  );
  fits(chatCompletion, await post('/v1/chat/completions', { ...CHAT, prompt_logprobs: 1 }));
  const completion = { model: 'tiny', prompt: 'Say' };
  fits(textCompletion, await post('/v1/completions', completion));
  fits(
    textCompletion,
    await post('/v1/completions', { ...completion, echo: true, logprobs: 2, prompt_logprobs: 1 }),
  );
  fits(errorAnswer, await post('/v1/completions', { model: 'tiny' }));
  fits(modelList, await (await fetch(`${url}/v1/models`)).json());
  for (const include_usage of [false, true]) {
    const options = { ...CHAT, stream: true as const, stream_options: { include_usage } };
    for await (const chunk of await client.chat.completions.create(options)) fits(chatCompletionChunk, chunk);
  }
  const streamed = { ...completion, logprobs: 1, stream: true as const };
  for await (const chunk of await client.completions.create(streamed)) fits(textCompletion, chunk);
  const call = '<tool_call>\n{"name": "now", "arguments": {}}\n</tool_call>';
  verifiers[0]!.script = [...bytesOf(call), IM_END];
  const withTool = { ...CHAT, tools: [{ type: 'function' as const, function: { name: 'now' } }] };
  fits(chatCompletion, await post('/v1/chat/completions', withTool));
  const calling = { ...withTool, logprobs: true, stream: true as const };
  for await (const chunk of await client.chat.completions.create(calling)) fits(chatCompletionChunk, chunk);
});
