// The promise, on real weights through real processes: greedy tokens are the target's own, with speculation off, on, at
// every gamma, from every source under every controller, and when the draft is killed in the middle of a generation.
// Layer skipping and drafts of another vocabulary, which need other models: test/model/layer-skip, e2e/universal-draft.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  ChannelPool,
  type GenerateTextResponse,
  GenerationClient,
  waitUntilServing,
} from '#libs/rpc/index.js';
import { GAMMA_CONTROLLERS } from '#libs/speculative/index.js';
import { familyPrompts } from '../support/prompts.js';
import { startTestStack, type TestStack } from '../support/test-stack.js';

const MAX_TOKENS = 48;
const prompts = familyPrompts();

let stack: TestStack;
let pool: ChannelPool;
let client: GenerationClient;
/** The target's own tokens, one list a prompt. */
const plain: (readonly number[])[] = [];

before(async () => {
  // What was generated before would be drafted at once: little would be left to the draft under test.
  stack = await startTestStack({ OUTRIDER_PAST_OUTPUT_BYTES: '0' });
  pool = new ChannelPool();
  client = new GenerationClient(stack.grpc, pool);
  for (const [i] of prompts.entries()) plain.push((await generate(i, { enabled: false })).tokens);
});

after(async () => {
  client.close();
  pool.close();
  await stack.stop();
});

/** What a request says under `speculation`. */
interface Choice {
  readonly gamma?: number;
  readonly method?: string;
  readonly controller?: string;
}

interface Outcome {
  readonly tokens: readonly number[];
  readonly drafted: number;
  readonly failures: readonly string[];
}

async function generate(
  prompt: number,
  speculation: Choice & { readonly enabled: boolean },
  onMessage: (message: GenerateTextResponse, index: number) => void = () => {},
): Promise<Outcome> {
  const tokens: number[] = [];
  const failures: string[] = [];
  let drafted = 0;
  let index = 0;
  const responses = client.generate(
    {
      model: 'smollm2-135m-instruct',
      input: { messages: [{ role: 'user', content: prompts[prompt]!.text }] },
      sampling: { temperature: 0, topK: 0, topP: 1 },
      maxTokens: MAX_TOKENS,
      stop: [],
      speculation: speculationOf(speculation),
      sessionId: `identity-${prompt}`,
    },
    { signal: AbortSignal.timeout(60_000) },
  );
  for await (const message of responses) {
    onMessage(message, index++);
    tokens.push(...message.tokens);
    drafted += message.round?.drafted ?? 0;
    if (message.round?.draftFailure) failures.push(message.round.draftFailure);
  }
  return { tokens, drafted, failures };
}

function speculationOf({
  enabled,
  gamma = 0,
  method = '',
  controller,
}: Choice & { readonly enabled: boolean }) {
  return { enabled, numSpeculativeTokens: gamma, method, ...(controller !== undefined && { controller }) };
}

test('there are at least thirty prompts of six families, and plain decoding is repeatable', async () => {
  assert.ok(prompts.length >= 30);
  assert.equal(new Set(prompts.map(({ family }) => family)).size, 6);
  for (const i of [0, 7, 20]) assert.deepEqual((await generate(i, { enabled: false })).tokens, plain[i]);
});

const GAMMAS = [1, 2, 3, 4, 5, 6, 7, 8];
const CHOICES: readonly Choice[] = [
  ...GAMMAS.map((gamma) => ({ gamma })),
  ...GAMMA_CONTROLLERS.map((controller) => ({ method: 'draft_model', controller, gamma: 5 })),
  ...GAMMA_CONTROLLERS.map((controller) => ({ method: 'prompt_lookup', controller, gamma: 6 })),
];

test("speculation by default gives the target's own tokens for every prompt", () => assertIdentity({}, 1));

// Each choice sees a share of the prompts, together they see each prompt many times over.
for (const [at, choice] of CHOICES.entries())
  test(`speculation with ${JSON.stringify(choice)} gives the target's own tokens`, () =>
    assertIdentity(choice, 3, at % 3));

/** For every third prompt, say, and from which on. */
async function assertIdentity(choice: Choice, step: number, first = 0): Promise<void> {
  let drafted = 0;
  for (let i = first; i < prompts.length; i += step) {
    const { text } = prompts[i]!;
    const outcome = await generate(i, { enabled: true, ...choice });
    assert.deepEqual(outcome.tokens, plain[i], text);
    assert.deepEqual(outcome.failures, [], text);
    // A lookup has nothing to propose in many a text, and goodput may find that nothing pays.
    const isBound = choice.method !== 'prompt_lookup' && ![undefined, 'goodput'].includes(choice.controller);
    if (isBound && plain[i]!.length > 8) assert.ok(outcome.drafted > 0, `nothing was drafted: ${text}`);
    drafted += outcome.drafted;
  }
  assert.ok(drafted > 0, 'nothing was drafted');
}

test('a draft killed in the middle of a generation changes no token, and is counted', async () => {
  let counted = 0;
  for (const [i, { text }] of prompts.entries()) {
    if (i % 3 > 0) continue;
    // A verifier leaves a draft that has just failed alone for a while: then nothing is drafted, and it is tried again.
    for (let attempt = 0; attempt < 10; attempt++) {
      const { tokens, noticed } = await generateWithDraftKilled(i);
      assert.deepEqual(tokens, plain[i], text);
      if (noticed) {
        counted++;
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }
  assert.ok(counted >= 10, `only ${counted} generations noticed that their draft had died`);
  assert.ok(stack.restarts.length >= 10);
});

/** Kills the draft after the first round that used it. */
async function generateWithDraftKilled(prompt: number): Promise<Outcome & { readonly noticed: boolean }> {
  await waitUntilServing(stack.draftEndpoint, AbortSignal.timeout(30_000));
  let killed = false;
  const outcome = await generate(prompt, { enabled: true, gamma: 2, method: 'draft_model' }, ({ round }) => {
    if (killed || !round || round.drafted === 0) return;
    process.kill(stack.pid('draft')!, 'SIGKILL');
    killed = true;
  });
  return { ...outcome, noticed: killed && outcome.failures.length > 0 };
}

test('after the draft is back, rounds use it again', async () => {
  await waitUntilServing(stack.draftEndpoint, AbortSignal.timeout(30_000));
  for (let attempt = 0; attempt < 60; attempt++) {
    const outcome = await generate(3, { enabled: true, gamma: 4, method: 'draft_model' });
    assert.deepEqual(outcome.tokens, plain[3]);
    if (outcome.drafted > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  assert.fail('the draft was never used again');
});
