// Many clients at once through real processes: each gets exactly the text that it gets alone, greedy and sampled, drafted
// for and not, whoever shares its forwards, and although some leave in the middle.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ChannelPool, GenerationClient } from '#libs/rpc/index.js';
import { familyPrompts } from '../support/prompts.js';
import { startTestStack, type TestStack } from '../support/test-stack.js';

const STREAMS = 8;
const MAX_TOKENS = 12;
const prompts = familyPrompts();

let stack: TestStack;
let pool: ChannelPool;
let client: GenerationClient;

before(async () => {
  stack = await startTestStack();
  pool = new ChannelPool();
  client = new GenerationClient(stack.grpc, pool);
});

after(async () => {
  client.close();
  pool.close();
  await stack.stop();
});

/** Tokens of stream i; those that leave read two messages. */
async function tokensOf(session: string, i: number, leaves = false): Promise<number[]> {
  const tokens: number[] = [];
  let messages = 0;
  const responses = client.generate(
    {
      model: 'smollm2-135m-instruct',
      input: { messages: [{ role: 'user', content: prompts[(i * 3) % prompts.length]!.text }] },
      sampling: { temperature: i % 2, topK: 0, topP: 1, seed: BigInt(i) },
      maxTokens: MAX_TOKENS,
      stop: [],
      speculation: { enabled: i % 3 > 0, numSpeculativeTokens: 1 + (i % 4), method: '' },
      sessionId: `${session} ${i}`,
    },
    { signal: AbortSignal.timeout(120_000) },
  );
  for await (const message of responses) {
    tokens.push(...message.tokens);
    if (leaves && ++messages === 2) break;
  }
  return tokens;
}

const streams = Array.from({ length: STREAMS }, (_, i) => i);

test('streams that run at once carry the tokens of each alone', async () => {
  const together = streams.map((i) => tokensOf('together', i));
  const leaving = streams.slice(0, 4).map((i) => tokensOf('leaving', i, true));
  await Promise.all(leaving);
  for (const i of streams) assert.deepEqual(await together[i], await tokensOf('alone', i), `stream ${i}`);
});
