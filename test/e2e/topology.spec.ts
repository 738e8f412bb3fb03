// The compose topology with real weights while its parts die one after the other: clients see the target's own text, a
// hint when to come again, or nothing at all. The tests share one topology and run in this order.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import OpenAI from 'openai';
import { type ChatAnswer, openAiClient, streamedChat, userSays, wholeChat } from '../support/chat.js';
import { Topology } from '../support/topology.js';
import { until } from '../support/until.js';

const STORY = userSays('Write a story about a lighthouse keeper and a whale.');
const MAX_TOKENS = 64;

let topology: Topology;
let client: OpenAI;
/** The target's own text. */
let expected: string;

before(async () => {
  topology = await Topology.start(2, 2);
  client = openAiClient(topology.gateway.url);
  const speculation = { enabled: false };
  const answer = await wholeChat(client, STORY, { speculation, sessionId: 'plain', maxTokens: MAX_TOKENS });
  expected = answer.text;
  assert.equal(answer.usage.completion_tokens, MAX_TOKENS);
});

after(() => topology.stop());

/** A greedy stream; `midway` is called once, when the second piece of text comes. */
function story(sessionId: string, midway: () => void = () => {}): Promise<ChatAnswer> {
  const onPiece = (index: number) => index === 1 && midway();
  return streamedChat(client, STORY, { sessionId, maxTokens: MAX_TOKENS }, onPiece);
}

/** A session id of its own whose verifier is the one at `endpoint`. */
async function sessionAt(endpoint: string, name: string): Promise<string> {
  for (let i = 0; ; i++) {
    const sessionId = `${name}-${i}`;
    if ((await topology.routeOf(sessionId)).verifier.endpoint === endpoint) return sessionId;
  }
}

test('sessions spread over both verifiers, and each finds its cache there on its second turn', async () => {
  const used = new Set<string>();
  for (let i = 0; i < 12; i++) {
    const sessionId = `spread-${i}`;
    // A beginning of its own, of which no other session's slot can give anything.
    const messages = [{ role: 'system' as const, content: `${i} is your number.` }, ...STORY];
    const first = await wholeChat(client, messages, { sessionId, maxTokens: 1 });
    assert.equal(first.usage.prompt_tokens_details?.cached_tokens, 0);
    const second = await wholeChat(client, messages, { sessionId, maxTokens: 1 });
    assert.ok((second.usage.prompt_tokens_details?.cached_tokens ?? 0) > 0);
    used.add((await topology.routeOf(sessionId)).verifier.endpoint);
  }
  assert.deepEqual([...used].sort(), topology.verifiers.map(({ endpoint }) => endpoint).sort());
});

test('a new session goes where the beginning of its prompt was read, but not if it is salted apart', async () => {
  const long = 'Mind the following rules, in this order, whatever you are asked. '.repeat(12);
  const cached = async (sessionId: string, no: number, extra = {}) => {
    const answer = await client.chat.completions.create({
      model: 'smollm2-135m-instruct',
      // A beginning of its own at every attempt.
      messages: [{ role: 'system', content: `${no}: ${long}` }, ...userSays(sessionId)],
      max_completion_tokens: 1,
      ...{ session_id: sessionId, ...extra },
    });
    return answer.usage!.prompt_tokens_details!.cached_tokens!;
  };
  for (let no = 0; ; no++) {
    assert.ok(no < 20, 'the gateway never heard of it');
    assert.ok((await cached(`reader-${no}`, no)) < 64);
    const { verifier } = await topology.routeOf(`reader-${no}`);
    // One that rendezvous hashing sends to the other verifier: only what the first one tells brings it to it.
    let follower = `follower-${no}`;
    while (topology.bestOf(follower).endpoint === verifier.endpoint) follower += "'";
    // The news takes a heartbeat and a reading; where the machine is slow, it is told once more.
    await sleep(2600);
    if ((await cached(follower, no)) < 128) continue;
    assert.equal(await cached(follower, no, { cache_salt: `other ${no}` }), 0);
    return;
  }
});

test('speculation through the registered drafts gives the same text', async () => {
  const answer = await story('speculative');
  assert.equal(answer.text, expected);
  assert.ok(answer.metrics.speculative_decoding.num_accepted_draft_tokens > 0);
  assert.deepEqual(answer.metrics.outrider, { ...answer.metrics.outrider, draft_failures: 0, failovers: 0 });
});

test('a verifier told to end mid-stream hands over at its drain deadline: same text, exact usage, no failure', async () => {
  const sessionId = 'drains';
  const leaving = await topology.verifierOf(sessionId);
  let ended: Promise<number | null> | undefined;
  const answer = await story(sessionId, () => {
    ended = leaving.end('SIGTERM');
  });
  assert.equal(await ended, 0);
  assert.equal(answer.text, expected);
  assert.equal(answer.usage.completion_tokens, MAX_TOKENS);
  assert.equal(answer.metrics.outrider.failovers, 1);
  assert.ok(leaving.log.some((line) => /"cut":1,.*"msg":"stopped"/.test(line)));
  const metrics = await (await fetch(`${topology.gateway.url}/metrics`)).text();
  assert.match(metrics, /outrider_handovers_total 1\n/);
  assert.match(metrics, /outrider_failovers_total 0\n/);
  topology.verifiers.splice(topology.verifiers.indexOf(leaving), 1);
  await topology.add('verifier');
  await topology.gatewayKnows(2, 2);
});

test("a verifier killed mid-stream: its stream goes on elsewhere, the other's never notices", async () => {
  const [dying, surviving] = topology.verifiers as [
    (typeof topology.verifiers)[0],
    (typeof topology.verifiers)[0],
  ];
  const [moved, stayed] = await Promise.all([
    story(await sessionAt(dying.endpoint, 'moves'), () => void dying.end('SIGKILL')),
    story(await sessionAt(surviving.endpoint, 'stays')),
  ]);
  assert.equal(moved.text, expected);
  assert.equal(stayed.text, expected);
  assert.equal(moved.usage.completion_tokens, MAX_TOKENS);
  assert.deepEqual([moved.metrics.outrider.failovers, stayed.metrics.outrider.failovers], [1, 0]);
  assert.ok(moved.metrics.speculative_decoding.num_accepted_draft_tokens > 0);
});

test('a draft told to end mid-stream ends in good order, and the text is the same', async () => {
  const draft = await topology.draftOf('draft-ends');
  let ended: Promise<number | null> | undefined;
  const answer = await story('draft-ends', () => {
    ended = draft.end('SIGTERM');
  });
  assert.equal(answer.text, expected);
  assert.equal(await ended, 0);
  const next = await story('draft-ends');
  assert.equal(next.text, expected);
  assert.ok(next.metrics.speculative_decoding.num_accepted_draft_tokens > 0, 'the other draft serves');
});

test('with every verifier gone a request is a 503 that says when to come again', async () => {
  // Killed, so that for a while the registry still names them; then told to have gone.
  for (const verifier of topology.verifiers) await verifier.end('SIGKILL');
  await unavailable();
  await until('the gateway has no verifier', async () => !(await fetch(`${topology.gateway.url}/ready`)).ok);
  await unavailable();
});

async function unavailable(): Promise<void> {
  const error = await wholeChat(client, STORY, { maxTokens: 1 }).then(
    () => assert.fail('was answered'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof OpenAI.InternalServerError);
  assert.deepEqual([error.status, error.code], [503, 'unavailable']);
  assert.match(error.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
}

test('a new verifier registers and is used at once', async () => {
  await topology.add('verifier');
  await until('the gateway is ready', async () => (await fetch(`${topology.gateway.url}/ready`)).ok);
  const answer = await story('after-all-were-gone');
  assert.equal(answer.text, expected);
  assert.equal(answer.metrics.outrider.failovers, 0);
});

test('Redis killed mid-stream: the stream ends as it should, and old and new sessions are still served', async () => {
  let killed: Promise<void> | undefined;
  const answer = await story('without-redis', () => {
    killed = topology.redis.kill();
  });
  await killed;
  assert.equal(answer.text, expected);
  assert.equal(answer.metrics.outrider.failovers, 0);
  for (const sessionId of ['without-redis', 'new-without-redis']) {
    const next = await story(sessionId);
    assert.equal(next.text, expected, sessionId);
    assert.ok(next.metrics.speculative_decoding.num_accepted_draft_tokens > 0, sessionId);
  }
});

test('after Redis is back, empty, workers register again and a new one is found', async () => {
  await topology.redis.restart();
  await topology.add('verifier');
  await topology.gatewayKnows(1, 2);
  assert.equal((await story('redis-is-back')).text, expected);
});
