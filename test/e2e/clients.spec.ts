// The client libraries against real processes and real weights, behind an API key: all of them read the same text.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import OpenAI from 'openai';
import type { ClientLibrary } from '../support/client-contract.js';
import { aiSdkLibrary } from '../support/clients/ai-sdk.js';
import { langChainLibrary } from '../support/clients/langchain.js';
import { openAiLibrary } from '../support/clients/openai.js';
import { startTestStack, type TestStack } from '../support/test-stack.js';
import { until } from '../support/until.js';

const KEY = 'sk-alice-0123456789';
const OTHER_KEY = 'sk-bob-0123456789';
const PROMPT = 'Name three rivers of Europe.';
const LIBRARIES: Record<string, ClientLibrary> = {
  openai: openAiLibrary,
  'AI SDK': aiSdkLibrary,
  LangChain: langChainLibrary,
};

let stack: TestStack;

before(async () => {
  stack = await startTestStack({
    OUTRIDER_API_KEYS: `alice:${KEY},bob:${OTHER_KEY}`,
    OUTRIDER_OPEN_ROUTES: 'metrics',
    // Three slots of the target.
    OUTRIDER_KV_BYTES: String(40 * 2 ** 20),
  });
});

after(() => stack.stop());

function connect(library: ClientLibrary, maxTokens: number) {
  const baseURL = `${stack.url}/v1`;
  return library.connect({
    baseURL,
    apiKey: KEY,
    model: 'smollm2-135m-instruct',
    maxTokens,
    maxRetries: 0,
    fetch,
  });
}

test('the keys of the environment reach the gateway, and its page says what it serves', async () => {
  assert.equal((await fetch(`${stack.url}/v1/models`)).status, 401);
  const authorization = `Bearer ${KEY}`;
  const document = await fetch(`${stack.url}/openapi.json`, { headers: { authorization } });
  assert.match(await document.text(), /smollm2-135m-instruct/);
});

test('every library reads the same text, whole and streamed', async (t) => {
  const texts: Record<string, string> = {};
  for (const [name, library] of Object.entries(LIBRARIES)) {
    const client = connect(library, 24);
    const { text, completionTokens } = await client.whole(PROMPT);
    assert.equal(completionTokens, 24, name);
    texts[`${name}, whole`] = text;
    let streamed = '';
    for await (const piece of client.stream(PROMPT, t.signal)) streamed += piece;
    texts[`${name}, streamed`] = streamed;
  }
  const [first] = Object.values(texts);
  assert.ok(first!.length > 10);
  for (const [name, text] of Object.entries(texts)) assert.equal(text, first, name);
});

test('a program that leaves its stream leaves nothing running', async () => {
  for (const library of Object.values(LIBRARIES)) {
    const controller = new AbortController();
    const reading = (async () => {
      for await (const piece of connect(library, 2000).stream(PROMPT, controller.signal))
        if (piece !== '') controller.abort();
    })();
    await reading.catch(() => {});
  }
  await until('nothing runs', async () => {
    const metrics = await (await fetch(`${stack.url}/metrics`)).text();
    return metrics.includes('outrider_num_requests_running 0') && /reason="abort"\} 3/.test(metrics);
  });
});

async function cachedTokens(apiKey: string, session_id: string, system: string, user: string) {
  const client = new OpenAI({ baseURL: `${stack.url}/v1`, apiKey, maxRetries: 0 });
  const messages = [
    { role: 'system' as const, content: system },
    { role: 'user' as const, content: user },
  ];
  const body = { model: 'smollm2-135m-instruct', messages, max_tokens: 2, session_id };
  const { usage } = await client.chat.completions.create(body);
  return usage!.prompt_tokens_details!.cached_tokens!;
}

/** The figure of a worker's own metrics; waits while the model's thread is too busy to say it. */
async function figure(role: 'verifier' | 'draft', name: string): Promise<number> {
  let line: string | undefined;
  await until(`the ${role} shows ${name}`, async () => {
    const text = await (await fetch(`${stack.probes[role]}/metrics`)).text();
    line = text.split('\n').find((each) => each.startsWith(`outrider_${name} `));
    return line !== undefined;
  });
  return Number(line!.split(' ').at(-1));
}

const KEEPER = 'You tell stories of the lighthouse keeper who counted every wave of the winter of 1911. ';

test("what one tenant asked shortens its own next sessions, and shows in nobody else's", async () => {
  await cachedTokens(KEY, 'first', KEEPER, 'Begin, please.');
  const own = await cachedTokens(KEY, 'second', KEEPER, 'How does it end?');
  assert.ok(own > 20, `${own} tokens were shared`);
  // Both have the template's own opening in common with what alice asked, and share not even that.
  assert.equal(await cachedTokens(OTHER_KEY, 'second', KEEPER, 'How does it end?'), 0);
});

test('a system prompt that no slot holds any more is not computed again, for its own tenant', async () => {
  const system = KEEPER.repeat(6);
  await cachedTokens(KEY, 'long', system, 'Begin, please.');
  for (const i of [1, 2, 3]) await cachedTokens(KEY, `unlike ${i}`, `${i} rivers of Europe.`, 'Name them.');
  assert.ok((await figure('verifier', 'kv_cache_slots')) <= 3);
  assert.ok((await figure('verifier', 'kv_cache_blocks')) > 0);
  const [queries, hits] = [
    await figure('verifier', 'prefix_cache_queries_total'),
    await figure('verifier', 'prefix_cache_hits_total'),
  ];
  const own = await cachedTokens(KEY, 'long again', system, 'How does it end?');
  assert.ok(own > 100, `${own} tokens were copied`);
  assert.equal((await figure('verifier', 'prefix_cache_hits_total')) - hits, own);
  assert.ok((await figure('verifier', 'prefix_cache_queries_total')) - queries > own);
  assert.equal(await cachedTokens(OTHER_KEY, 'long again', system, 'How does it end?'), 0);
  assert.ok((await figure('verifier', 'kv_cache_usage_perc')) <= 1);
  assert.ok((await figure('draft', 'draft_proposals_total')) > 0);
  for (const probe of Object.values(stack.probes)) assert.equal((await fetch(`${probe}/ready`)).status, 200);
});
