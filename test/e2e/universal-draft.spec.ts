// A draft of another vocabulary on real weights through real processes: the bundled draft with all its token ids permuted.
// Greedy and seeded texts are the target's own, and nearly as much is accepted as of the draft itself.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ChannelPool, GenerationClient } from '#libs/rpc/index.js';
import type { SamplingParams } from '#libs/sampling/index.js';
import { GAMMA_CONTROLLERS } from '#libs/speculative/index.js';
import { realModels } from '../support/models.js';
import { writePermutedDraft } from '../support/permuted-draft.js';
import { familyPrompts } from '../support/prompts.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { startTestStack, type TestStack } from '../support/test-stack.js';

const GREEDY = { temperature: 0, topK: 0, topP: 1 };
const MAX_TOKENS = 48;
/** Two of each family. */
const prompts = familyPrompts().filter(({ family }, i, all) => {
  return all.slice(0, i).filter((other) => other.family === family).length < 2;
});

interface Outcome {
  readonly tokens: readonly number[];
  readonly drafted: number;
  readonly accepted: number;
  readonly failures: readonly string[];
}

interface Served {
  readonly stack: TestStack;
  readonly client: GenerationClient;
}

const pool = new ChannelPool();
let plain: Served;
let permuted: Served;

before(async (t) => {
  const folder = await temporaryFolder(t as never);
  await writePermutedDraft(folder, await realModels());
  plain = await serve();
  permuted = await serve(folder);
});

after(async () => {
  for (const { stack, client } of [plain, permuted]) {
    client.close();
    await stack.stop();
  }
  pool.close();
});

async function serve(draftFolder?: string): Promise<Served> {
  // Positions of a translated text aren't the target's, so its draft gets no features: neither does the other one.
  const env = { OUTRIDER_DRAFT_FEATURES: 'off' };
  const stack = await startTestStack(env, draftFolder === undefined ? {} : { draftFolder });
  return { stack, client: new GenerationClient(stack.grpc, pool) };
}

async function generate(
  { client }: Served,
  text: string,
  sampling: Omit<SamplingParams, 'seed'> & { readonly seed?: bigint },
  speculation: { readonly enabled: boolean; readonly gamma?: number; readonly controller?: string },
): Promise<Outcome> {
  const tokens: number[] = [];
  const failures: string[] = [];
  let [drafted, accepted] = [0, 0];
  const { enabled, gamma = 0, controller } = speculation;
  const request = {
    model: 'smollm2-135m-instruct',
    input: { messages: [{ role: 'user', content: text }] },
    sampling,
    maxTokens: MAX_TOKENS,
    stop: [],
    speculation: {
      enabled,
      numSpeculativeTokens: gamma,
      method: 'draft_model',
      ...(controller !== undefined && { controller }),
    },
    sessionId: text.slice(0, 40),
  };
  for await (const { tokens: some, round } of client.generate(request, {
    signal: AbortSignal.timeout(60_000),
  })) {
    tokens.push(...some);
    drafted += round?.drafted ?? 0;
    accepted += round?.accepted ?? 0;
    if (round?.draftFailure) failures.push(round.draftFailure);
  }
  return { tokens, drafted, accepted, failures };
}

test("the draft's tokenizer is fetched by itself; until it is there nothing waits for it", async () => {
  for (let attempt = 0; attempt < 60; attempt++) {
    const { drafted, failures } = await generate(permuted, 'Count to ten.', GREEDY, {
      enabled: true,
      gamma: 4,
    });
    for (const failure of failures) assert.match(failure, /^unavailable: .* is still being fetched\./);
    if (drafted > 0) return;
  }
  assert.fail('the draft was never used');
});

test("greedy texts are the target's own, and nearly as much is accepted as of the same draft untranslated", async (t) => {
  const sums = { plain: [0, 0], permuted: [0, 0] };
  for (const { text } of prompts) {
    const alone = await generate(plain, text, GREEDY, { enabled: false });
    for (const [name, served] of Object.entries({ plain, permuted })) {
      const outcome = await generate(served, text, GREEDY, { enabled: true, gamma: 4 });
      assert.deepEqual(outcome.tokens, alone.tokens, text);
      assert.deepEqual(outcome.failures, [], text);
      const sum = sums[name as keyof typeof sums];
      sum[0]! += outcome.drafted;
      sum[1]! += outcome.accepted;
    }
  }
  const rate = ([drafted, accepted]: number[]) => accepted! / drafted!;
  t.diagnostic(
    `accepted of ${sums.plain[0]}: ${rate(sums.plain)}; translated, of ${sums.permuted[0]}: ${rate(sums.permuted)}`,
  );
  assert.ok(rate(sums.permuted) > 0.9 * rate(sums.plain));
});

test('seeded texts are those of the seed alone, whoever decides how much is drafted', async () => {
  for (const [i, { text }] of prompts.entries()) {
    const sampling = {
      temperature: 0.8,
      topK: 0,
      topP: 0.95,
      seed: BigInt(i),
      verification: 'coupled' as const,
    };
    const alone = await generate(plain, text, sampling, { enabled: false });
    const controller = GAMMA_CONTROLLERS[i % GAMMA_CONTROLLERS.length]!;
    const outcome = await generate(permuted, text, sampling, { enabled: true, gamma: 4, controller });
    assert.deepEqual(outcome.tokens, alone.tokens, text);
    assert.deepEqual(outcome.failures, []);
  }
});
