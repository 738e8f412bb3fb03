// The whole stack with mutual TLS on its inner links: it answers and speculates, and a plain client gets nowhere.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChannelPool, checkHealth, openTlsFiles } from '#libs/rpc/index.js';
import { Authority, needsOpenssl as skip } from '../support/authority.js';
import { openAiClient, userSays, wholeChat } from '../support/chat.js';
import { startTestStack } from '../support/test-stack.js';

test('with certificates the services talk to each other, and to nobody without one', { skip }, async (t) => {
  const authority = new Authority(t);
  const tls = { ...authority.issue('outrider'), OUTRIDER_TLS_NAME: 'outrider' };
  const stack = await startTestStack(tls);
  t.after(() => stack.stop());
  const client = openAiClient(stack.url);
  const messages = userSays('Write a short poem about the sea.');
  const drafted = await wholeChat(client, messages, { speculation: { num_speculative_tokens: 3 } });
  const plain = await wholeChat(client, messages, { speculation: { enabled: false } });
  assert.equal(drafted.text, plain.text);
  assert.ok(drafted.metrics.speculative_decoding.num_draft_tokens > 0, 'no token was drafted');
  assert.equal(drafted.metrics.outrider.draft_failures, 0);

  const signal = AbortSignal.timeout(20_000);
  await assert.rejects(checkHealth(stack.draftEndpoint, '', signal), { code: 'unavailable' });
  const pool = new ChannelPool({ tls: openTlsFiles(tls) });
  t.after(() => pool.close());
  assert.equal(await checkHealth(stack.draftEndpoint, '', signal, pool), true);
});
