// Clients that read slowly, or nothing: what waits for them is bounded at every hop, others go on, and in the end they
// lose their place. Counted in rounds that the verifier was asked for: they are what would pile up.
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type GatewayUnderTest, gatewayUnderTest } from '../support/gateway-harness.js';
import { until } from '../support/until.js';

const TOKENS_PER_ROUND = 256;
/** Of one choice: 2 MB as events. */
const ENDLESS = Array.from({ length: 1_000_000 }, () => 97);
const ALL_ROUNDS = ENDLESS.length / TOKENS_PER_ROUND;
/** The echo of the prompt fills the sockets' buffers, some 4 MB, without a round for each KB. */
const FILLER = { model: 'tiny', prompt: 'a'.repeat(400_000), echo: true, n: 12, max_tokens: 500_000 };
/** Of one choice, ahead of its reader: a window of HTTP/2, 64 KB, and 16 messages on either side of it. */
const MOST_AHEAD = 500;

async function endlessGateway(t: TestContext, slowReaderMs: number) {
  const options = { contextLength: 1_000_000, maxBodyBytes: 1 << 20, slowReaderMs };
  const under = await gatewayUnderTest(t, options);
  const verifier = under.verifiers[0]!;
  verifier.tokensPerRound = TOKENS_PER_ROUND;
  verifier.scriptOf = ({ maxTokens }) => (maxTokens > 1000 ? ENDLESS : verifier.script);
  return { under, verifier };
}

/** Sends the request and never reads: not even the kernel's buffer is emptied. */
function askAndNeverRead(t: TestContext, { url }: GatewayUnderTest, body: object): Promise<Socket> {
  const text = JSON.stringify(body);
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.pause();
  t.after(() => socket.destroy());
  const head = [
    'POST /v1/completions HTTP/1.1',
    'host: gateway',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(text)}`,
  ];
  return new Promise((resolve, reject) => {
    socket.once('error', reject).write(`${head.join('\r\n')}\r\n\r\n${text}`, () => resolve(socket));
  });
}

/** Resolves once no more rounds are made. */
async function untilPaused(rounds: () => number): Promise<number> {
  let before = 0;
  let calm = 0;
  const isCalm = () => {
    calm = rounds() === before && before > 0 ? calm + 1 : 0;
    before = rounds();
    return calm >= 40;
  };
  await until('the verifier is held up', isCalm, 60_000);
  return before;
}

test('what lies between the verifier and a client that reads nothing is bounded, and others go on', async (t) => {
  const { under, verifier } = await endlessGateway(t, 600_000);
  const socket = await askAndNeverRead(t, under, { ...FILLER, stream: true });
  await until('it runs', () => verifier.rounds > 0, 60_000);
  const answer = await under.client.completions.create({ model: 'tiny', prompt: 'Hi', max_tokens: 8 });
  assert.equal(answer.usage?.completion_tokens, 8);
  const rounds = await untilPaused(() => verifier.rounds);
  assert.ok(rounds < FILLER.n * MOST_AHEAD, `${rounds} rounds were made for it`);
  socket.resume();
  await until('it goes on where it was', () => verifier.rounds > rounds + FILLER.n, 60_000);
  socket.destroy();
  await until('the verifier is told', () => verifier.cancelled >= FILLER.n, 60_000);
});

test('a client that goes on reading nothing loses its place in the end', async (t) => {
  const { under, verifier } = await endlessGateway(t, 500);
  await askAndNeverRead(t, under, { ...FILLER, stream: true });
  await until('its calls are cancelled', () => verifier.cancelled >= FILLER.n, 60_000);
  await until('its place is free', async () => /num_requests_running 0/.test(await under.metrics.render()));
  assert.ok(verifier.rounds < ALL_ROUNDS);
});

test('a whole answer that nobody takes is thrown away, too', async (t) => {
  const { under } = await endlessGateway(t, 500);
  const socket = await askAndNeverRead(t, under, { ...FILLER, max_tokens: 8 });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await until('it was generated', async () => /stop"\} 1|length"\} 12/.test(await under.metrics.render()));
  await until('its connection is closed', () => under.gateway.openAnswers() === 0);
  // The client notices only once it reads: the answer is cut short.
  let received = 0;
  socket.on('data', (chunk) => {
    received += chunk.length;
  });
  socket.resume();
  await closed;
  assert.ok(received < FILLER.n * FILLER.prompt.length);
});
