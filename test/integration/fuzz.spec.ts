// Seeded damage at every door: model files, HTTP bodies, protobuf. Whatever comes in, what goes out is a well-formed error
// (or an answer), and whoever was hit goes on serving.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Client, credentials, status } from '@grpc/grpc-js';
import { buildModel } from '#libs/builder/index.js';
import { AppError } from '#libs/errors/index.js';
import { draftServiceHandlers, startServer, verifierServiceHandlers } from '#libs/rpc/index.js';
import { seededRandom } from '#libs/tuning/index.js';
import { safetensorsBytes } from '../support/checkpoint-bytes.js';
import { gatewayUnderTest } from '../support/gateway-harness.js';
import { mutatedBytes, mutatedJson, pick, type Random } from '../support/mutations.js';
import { postJson } from '../support/post-json.js';
import { TINY, tinyGguf, tinyTensors, tinyTokenizerJson, writeTinyHub } from '../support/tiny-checkpoint.js';

const FILE_ROUNDS = 60;
const HTTP_ROUNDS = 150;
const CALL_ROUNDS = 100;

test('a damaged GGUF file is built or refused by name, never more', async (t) => {
  const root = folder(t);
  const whole = tinyGguf();
  // The header is where sizes and offsets stand.
  const header = 6000;
  await fuzzBuilds(root, (random, source) => writeFileSync(source, mutatedBytes(random, whole, header)));
});

test('a damaged hub folder is built or refused by name, never more', async (t) => {
  const weights = safetensorsBytes(tinyTensors());
  await fuzzBuilds(folder(t), (random, source) => {
    writeTinyHub(source);
    const damage = pick(random, [
      () => writeFileSync(join(source, 'model.safetensors'), mutatedBytes(random, weights, 3000)),
      () => writeFileSync(join(source, 'config.json'), JSON.stringify(mutatedJson(random, TINY))),
      () =>
        writeFileSync(
          join(source, 'tokenizer.json'),
          JSON.stringify(mutatedJson(random, tinyTokenizerJson())),
        ),
      () =>
        writeFileSync(join(source, 'config.json'), mutatedBytes(random, Buffer.from(JSON.stringify(TINY)))),
    ]);
    damage();
  });
});

test('a strange JSON body is answered or refused in the house form, never with a 500', async (t) => {
  const { url, log } = await gatewayUnderTest(t);
  const random = seededRandom(1);
  for (let round = 0; round < HTTP_ROUNDS; round++) {
    const [path, body] = pick(random, BODIES);
    const mutated = mutatedJson(random, body);
    const what = `round ${round}: ${path} ${JSON.stringify(mutated)?.slice(0, 300)}`;
    const answer = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(mutated) ?? '',
    });
    const text = await answer.text();
    assert.ok(answer.status < 500, `${what}: ${answer.status} ${text.slice(0, 300)}`);
    if (answer.status >= 400) assert.ok(typeof JSON.parse(text).error.message === 'string', what);
  }
  assert.deepEqual(
    log.filter((line) => /"level":"(error|fatal)"/.test(line)),
    [],
  );
  assert.equal((await postJson(`${url}/v1/chat/completions`, CHAT)).status, 200);
});

test('bytes that are no message end their call, not the server', async (t) => {
  const unexpected: unknown[] = [];
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    serving: true,
    onUnexpected: (error) => unexpected.push(error),
    services: [
      verifierServiceHandlers({ generate: async function* () {}, modelInfo: async () => INFO }),
      draftServiceHandlers({ propose: async function* () {}, modelInfo: async () => INFO }),
    ],
  });
  const client = new Client(`127.0.0.1:${server.port}`, credentials.createInsecure());
  t.after(async () => {
    client.close();
    await server.close();
  });
  const random = seededRandom(2);
  const ended = new Map<number, number>();
  for (let round = 0; round < CALL_ROUNDS; round++) {
    const bytes = mutatedBytes(random, Buffer.from(SOME_MESSAGE, 'hex'));
    const code = await rawCall(client, pick(random, METHODS), bytes);
    ended.set(code, (ended.get(code) ?? 0) + 1);
  }
  assert.deepEqual(unexpected, []);
  assert.ok(
    (ended.get(status.INVALID_ARGUMENT) ?? 0) + (ended.get(status.INTERNAL) ?? 0) > 0,
    `${[...ended]}`,
  );
  assert.equal(
    await rawCall(client, '/outrider.v1.VerifierService/GetModelInfo', Buffer.alloc(0)),
    status.OK,
  );
});

const CHAT = { model: 'tiny', messages: [{ role: 'user', content: 'Hello' }], max_tokens: 4 };
const BODIES: readonly (readonly [string, unknown])[] = [
  [
    '/v1/chat/completions',
    {
      ...CHAT,
      n: 2,
      stream: false,
      temperature: 0.5,
      top_p: 0.9,
      top_k: 5,
      seed: 3,
      stop: ['x'],
      logit_bias: { 5: 1 },
      logprobs: true,
      top_logprobs: 2,
      response_format: { type: 'json_schema', json_schema: { name: 'a', schema: { type: 'object' } } },
      speculation: {
        method: 'chain',
        num_speculative_tokens: 3,
        controller: 'goodput',
        verification: 'block',
      },
    },
  ],
  [
    '/v1/chat/completions',
    {
      ...CHAT,
      tools: [
        { type: 'function', function: { name: 'f', description: 'd', parameters: { type: 'object' } } },
      ],
      tool_choice: { type: 'function', function: { name: 'f' } },
    },
  ],
  [
    '/v1/completions',
    { model: 'tiny', prompt: ['a', 'b'], max_tokens: 3, echo: true, logprobs: 2, stop: 'z' },
  ],
  ['/v1/responses', { model: 'tiny', input: [{ role: 'user', content: 'Hi' }], max_output_tokens: 4 }],
  [
    '/v1/messages',
    { model: 'tiny', max_tokens: 4, messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] },
  ],
  ['/tokenize', { model: 'tiny', prompt: 'Hello', add_special_tokens: true }],
  ['/detokenize', { model: 'tiny', tokens: [1, 2, 3] }],
];
const INFO = { model: 'm', vocabSize: 10, vocabularyFingerprint: 'v', contextLength: 10 };
const METHODS = [
  '/outrider.v1.VerifierService/Generate',
  '/outrider.v1.VerifierService/GetModelInfo',
  '/outrider.v1.DraftService/Propose',
] as const;
/** Fields 1 to 6 of several wire types: a beginning for mutations. */
const SOME_MESSAGE = '0a0473657373100a1a030102032204000000002d0000803f32020801';

function folder(t: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), 'outrider-fuzz-'));
  t.after(() => rmSync(root, { recursive: true }));
  return root;
}

async function fuzzBuilds(root: string, damage: (random: Random, source: string) => void): Promise<void> {
  let refused = 0;
  for (let seed = 0; seed < FILE_ROUNDS; seed++) {
    const source = join(root, `source-${seed}`);
    damage(seededRandom(seed), source);
    try {
      await buildModel({ source, out: join(root, `out-${seed}`), name: 'tiny', license: 'MIT' });
    } catch (error) {
      assert.ok(error instanceof AppError, `seed ${seed}: ${(error as Error).stack}`);
      assert.equal(error.code, 'failed_precondition', `seed ${seed}: ${error.message}`);
      refused++;
    }
  }
  assert.ok(refused > FILE_ROUNDS / 4, `only ${refused} were refused: the damage is too small`);
}

/** The status code that a call with these bytes as its only message ends with. */
function rawCall(client: Client, method: string, bytes: Buffer): Promise<number> {
  const same = (value: Buffer) => value;
  return new Promise((resolve) => {
    const call = client.makeBidiStreamRequest(method, same, same, { deadline: Date.now() + 10_000 });
    call.on('data', () => {});
    call.on('error', () => {});
    call.on('status', ({ code }) => resolve(code));
    call.write(bytes);
    call.end();
  });
}
