// Browsers: what a page of another origin may do.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gatewayUnderTest } from '../support/gateway-harness.js';

const FRIEND = 'https://friend.example';
const PREFLIGHT = {
  'access-control-request-method': 'POST',
  'access-control-request-headers': 'authorization,content-type,x-stainless-lang',
};

async function corsHeaders(url: string, method: string, headers: Record<string, string>) {
  const response = await fetch(url, { method, headers });
  await response.text();
  const cors = [...response.headers].filter(([name]) => name.startsWith('access-control-'));
  return { status: response.status, cors: Object.fromEntries(cors), vary: response.headers.get('vary') };
}

test('by default no origin is allowed and no header says otherwise', async (t) => {
  const { url } = await gatewayUnderTest(t);
  const path = `${url}/v1/chat/completions`;
  const { status, cors } = await corsHeaders(path, 'OPTIONS', { origin: FRIEND, ...PREFLIGHT });
  assert.equal(status, 405);
  assert.deepEqual(cors, {});
  assert.deepEqual((await corsHeaders(`${url}/health`, 'GET', { origin: FRIEND })).cors, {});
});

test('an allowed origin passes its preflight without a key, and reads the answer with one', async (t) => {
  const under = await gatewayUnderTest(t, { apiKeys: ['sk-alice-0123456789'], corsOrigins: [FRIEND] });
  const path = `${under.url}/v1/chat/completions`;
  const preflight = await corsHeaders(path, 'OPTIONS', { origin: FRIEND, ...PREFLIGHT });
  assert.deepEqual([preflight.status, preflight.vary], [204, 'Origin']);
  assert.deepEqual(preflight.cors, {
    'access-control-allow-origin': FRIEND,
    'access-control-allow-methods': 'GET, HEAD, POST',
    'access-control-allow-headers': PREFLIGHT['access-control-request-headers'],
    'access-control-max-age': '600',
  });
  const models = `${under.url}/v1/models`;
  const asked = { origin: FRIEND, authorization: 'Bearer sk-alice-0123456789' };
  const answer = await corsHeaders(models, 'GET', asked);
  assert.equal(answer.cors['access-control-allow-origin'], FRIEND);
  assert.match(answer.cors['access-control-expose-headers']!, /x-request-id/);
  // A page must be able to read that its key is wrong.
  const refused = await corsHeaders(models, 'GET', { origin: FRIEND });
  assert.deepEqual([refused.status, refused.cors['access-control-allow-origin']], [401, FRIEND]);
});

test('streams carry the header too, and credentials are never allowed', async (t) => {
  const { url } = await gatewayUnderTest(t, { corsOrigins: [FRIEND] });
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { origin: FRIEND, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'tiny', messages: [{ role: 'user', content: 'Hello' }], stream: true }),
  });
  assert.equal(response.headers.get('access-control-allow-origin'), FRIEND);
  assert.equal(response.headers.get('access-control-allow-credentials'), null);
  await response.text();
});

test('another origin is told nothing', async (t) => {
  const { url } = await gatewayUnderTest(t, { corsOrigins: [FRIEND] });
  for (const origin of [
    'https://evil.example',
    `${FRIEND}.evil.example`,
    'null',
    FRIEND.toUpperCase(),
    `${FRIEND}:8080`,
  ]) {
    const { cors } = await corsHeaders(`${url}/v1/chat/completions`, 'OPTIONS', { origin, ...PREFLIGHT });
    assert.deepEqual(cors, {}, origin);
  }
});
