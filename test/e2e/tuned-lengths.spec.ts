// What `outrider tune gamma` leaves beside the target decides for requests that choose no length; and the tuning itself, on
// real weights, over a draft that serves already.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, before, test } from 'node:test';
import { ChannelPool, GenerationClient } from '#libs/rpc/index.js';
import { type GammaPair, readGammaPairs, writeGammaPair } from '#libs/tuning/index.js';
import { tune } from '../../cli/tune/tune.js';
import { linkedModel } from '../support/linked-model.js';
import { realModels } from '../support/models.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { startTestStack, type TestStack } from '../support/test-stack.js';
import { until } from '../support/until.js';

const MODEL = 'smollm2-135m-instruct';
const DRAFT = 'smollm2-draft';
const LENGTH = 3;
const TUNED: GammaPair = {
  draft: DRAFT,
  setting: { controller: 'constant', maxTokens: LENGTH },
  isWorthwhile: true,
  measured: {
    acceptance: 0.7,
    cost: 0.1,
    breakEvenCost: 0.5,
    predictedSpeedUp: 1.4,
    measuredSpeedUp: 1.3,
    spread: [1.2, 1.4],
    untunedSpeedUp: 1.2,
    trials: 30,
  },
};

const pool = new ChannelPool();
let folder: string;
let targetFolder: string;
let stack: TestStack;
let client: GenerationClient;

before(async (t) => {
  folder = await temporaryFolder(t as never);
  targetFolder = await linkedModel((await realModels()).targetFolder, folder, '');
  await writeGammaPair(targetFolder, MODEL, TUNED);
  stack = await startTestStack({}, { targetFolder });
  client = new GenerationClient(stack.grpc, pool);
});

after(async () => {
  client.close();
  pool.close();
  await stack.stop();
});

/** Drafted tokens of each round but the first and the last, which room for tokens cuts. */
async function draftedTokens(speculation: { readonly controller?: string } = {}) {
  const drafted: number[] = [];
  const tokens: number[] = [];
  const request = {
    model: MODEL,
    input: { messages: [{ role: 'user', content: 'Describe a quiet harbour in the morning.' }] },
    sampling: { temperature: 0, topK: 0, topP: 1 },
    maxTokens: 32,
    stop: [],
    speculation: { enabled: true, numSpeculativeTokens: 0, method: 'draft_model', ...speculation },
    sessionId: 'tuned',
  };
  for await (const message of client.generate(request, { signal: AbortSignal.timeout(60_000) })) {
    tokens.push(...message.tokens);
    if (message.round !== undefined) drafted.push(message.round.drafted);
  }
  return { tokens, drafted: drafted.slice(1).filter((_, i, all) => i < all.length - LENGTH - 1) };
}

test('the tuned length is that of requests that choose none, and no token is another', async (t) => {
  // The first generation learns the draft's name; should the draft be too busy to say it, one that comes later.
  const first = await draftedTokens();
  const isTuned = async () => {
    const { tokens, drafted } = await draftedTokens();
    assert.deepEqual(tokens, first.tokens);
    // Goodput may pause it, where nothing pays.
    const lengths = drafted.filter((each) => each > 0);
    t.diagnostic(String(drafted));
    return lengths.length > 0 && lengths.every((each) => each === LENGTH);
  };
  await until('the tuned length is used', isTuned, 120_000);
  const chosen = await draftedTokens({ controller: 'heuristic' });
  assert.ok(Math.max(...chosen.drafted) > LENGTH, String(chosen.drafted));
});

test('a tuning on real weights measures real rounds of the draft that serves, and replaces the setting', async () => {
  const prompts = join(folder, 'prompts.txt');
  await writeFile(prompts, 'Write a Python loop that prints the squares of 1 to 9.\n');
  const out = new PassThrough();
  const options = { home: folder, model: targetFolder, draft: stack.draftEndpoint, draftPort: 0, env: {} };
  const rest = { prompts, answerTokens: '16', trials: '24', study: undefined, objective: undefined };
  await tune({ ...options, ...rest, subject: 'gamma', out }, AbortSignal.timeout(300_000));
  assert.match(
    String(out.read()),
    /Best of 24 trials for smollm2-draft drafting for smollm2-135m-instruct: /,
  );
  const [pair, ...others] = await readGammaPairs(targetFolder, MODEL);
  assert.deepEqual(others, []);
  const { acceptance, cost, breakEvenCost, predictedSpeedUp, measuredSpeedUp } = pair!.measured;
  assert.ok(acceptance > 0.2 && acceptance <= 1, String(acceptance));
  assert.ok(cost > 0 && Number.isFinite(breakEvenCost));
  assert.ok(predictedSpeedUp > 0 && measuredSpeedUp > 0);
  assert.equal(pair!.isWorthwhile, Math.min(predictedSpeedUp, measuredSpeedUp) >= 1.02);
});
