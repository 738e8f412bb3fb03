// Streams that look the same whatever they say: what an observer of the connection sees, and what the client reads.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '#libs/errors/index.js';
import { evenly } from '#services/gateway/http/even-stream.js';
import { type GatewayUnderTest, gatewayUnderTest, STORY } from '../support/gateway-harness.js';

const EVEN = { tickMs: 5, tickBytes: 1500 };
const CHAT = { model: 'tiny', messages: [{ role: 'user' as const, content: 'Hello' }], max_tokens: 200 };

/** The whole stream. */
async function seen({ url }: GatewayUnderTest, path = '/v1/chat/completions', body: object = CHAT) {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...body, stream: true }),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  return { text: bytes.toString(), length: bytes.length };
}

async function textOf({ client }: GatewayUnderTest): Promise<string> {
  let text = '';
  for await (const chunk of await client.chat.completions.create({ ...CHAT, stream: true }))
    text += chunk.choices[0]?.delta.content ?? '';
  return text;
}

test('clients read the same text, and every stream has the same length whatever its rounds brought', async (t) => {
  const under = await gatewayUnderTest(t, { evenStream: EVEN });
  for (const tokensPerRound of [1, 7]) {
    under.verifiers[0]!.tokensPerRound = tokensPerRound;
    assert.equal(await textOf(under), STORY);
    const { text, length } = await seen(under);
    assert.equal(length % EVEN.tickBytes, 0);
    assert.match(text, /data: \[DONE\]\n\n(: \S*\n\n|\n*)$/);
    const events = text.split(/\n\n+/).filter((event) => event !== '');
    assert.ok(events.every((event) => event.startsWith('data: ') || event.startsWith(': ')));
  }
  const ask = { model: 'tiny', input: 'Hello' };
  const { text, length } = await seen(under, '/v1/responses', ask);
  assert.match(text, /response\.completed/);
  assert.equal(length % EVEN.tickBytes, 0);
});

test('an error within the stream still reaches the client', async (t) => {
  const under = await gatewayUnderTest(t, { evenStream: EVEN });
  const error = new AppError('invalid_argument', 'no such thing');
  under.verifiers[0]!.mishaps.push({ kind: 'fail', afterRounds: 1, error });
  await assert.rejects(textOf(under), /no such thing/);
});

test('a client that leaves ends the generation, which waits as for any slow reader', async (t) => {
  const under = await gatewayUnderTest(t, { evenStream: { tickMs: 5, tickBytes: 256 } });
  under.verifiers[0]!.roundDelayMs = 2;
  under.verifiers[0]!.tokensPerRound = 1;
  const cancelled = under.verifiers[0]!.nextCancelled();
  for await (const _ of await under.client.chat.completions.create({ ...CHAT, stream: true })) break;
  await cancelled;
});

test('every piece has the same length but the end of what cannot be read, and nothing is lost', async () => {
  const frames = ['data: é\n\n', `data: ${'x'.repeat(1000)}\n\n`, 'data: end\n\n'];
  async function* failing() {
    yield* frames;
    throw new Error('broken');
  }
  const pieces: Buffer[] = [];
  const read = async () => {
    for await (const piece of evenly(failing(), { tickMs: 1, tickBytes: 300 })) pieces.push(piece);
  };
  await assert.rejects(read, /broken/);
  assert.ok(pieces.length >= 4);
  assert.deepEqual(new Set(pieces.map(({ length }) => length)), new Set([300]));
  const events = Buffer.concat(pieces).toString().split(/\n\n+/);
  const said = events.filter((event) => event.startsWith('data: '));
  assert.deepEqual(
    said.map((event) => `${event}\n\n`),
    frames,
  );
});

test('the reader is held back while much waits for its tick', async () => {
  let produced = 0;
  async function* endless() {
    for (;;) {
      produced++;
      yield `data: ${'x'.repeat(100)}\n\n`;
    }
  }
  let pieces = 0;
  for await (const _ of evenly(endless(), { tickMs: 1, tickBytes: 256 })) if (++pieces === 20) break;
  assert.ok(produced < 150, `${produced} frames were made for 20 pieces`);
});
