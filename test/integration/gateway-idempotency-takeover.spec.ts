// A gateway that takes over midway needs a place for what it generates, as any other request does.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openJournalStore } from '#libs/session/index.js';
import { NO_LIMITS } from '#services/gateway/limits/limit-settings.js';
import { gatewayUnderTest, JOURNALS, STORY } from '../support/gateway-harness.js';
import { postKeyed, StoreLink } from '../support/keyed-posts.js';
import { until } from '../support/until.js';

const CHAT = { model: 'tiny', messages: [{ role: 'user', content: 'Hello' }], max_tokens: 200 };

test('a full gateway does not take over: its client hears so, and the next retry goes on', async (t) => {
  const store = await openJournalStore({ ...JOURNALS, now: () => performance.now() });
  const links = [new StoreLink(store), new StoreLink(store)] as const;
  const lost = await gatewayUnderTest(t, { journalStore: links[0] });
  const full = await gatewayUnderTest(t, {
    journalStore: links[1],
    limits: { ...NO_LIMITS, maxRequests: 1 },
  });
  const path = '/v1/chat/completions';
  full.verifiers[0]!.mishaps.push({ kind: 'stall', afterRounds: 1 });
  const leaving = new AbortController();
  const occupying = assert.rejects(
    postKeyed(`${full.url}${path}`, undefined, CHAT, { signal: leaving.signal }),
  );
  await until('it is full', () => full.verifiers[0]!.rounds === 1);
  links[0].hangAfter(6);
  const first = postKeyed(`${lost.url}${path}`, 'k', CHAT);
  await until('the other is lost', () => links[0].isHanging);
  const refused = await postKeyed(`${full.url}${path}`, 'k', CHAT);
  assert.deepEqual([refused.status, refused.standing], [503, 'attached'], refused.text);
  assert.equal(full.verifiers[0]!.requests.length, 1);
  leaving.abort();
  await occupying;
  await until('there is room', async () => /num_requests_running 0\n/.test(await full.metrics.render()));
  const retry = await postKeyed(`${full.url}${path}`, 'k', CHAT);
  assert.equal(retry.standing, 'resumed');
  assert.equal(JSON.parse(retry.text).choices[0].message.content, STORY);
  const [, resumed] = full.verifiers[0]!.requests;
  assert.equal(resumed!.tokens.length - resumed!.promptLength, 18);
  links[0].heal();
  assert.equal((await first).text, retry.text);
});
