// Drafts of another vocabulary and a verifier, each with a connection of its own: tiny random models, and drafts that lie
// about their tokenizer. The text is always the target's.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { buildModel } from '#libs/builder/index.js';
import { ChannelPool, type GenerateRequest, VerifierClient } from '#libs/rpc/index.js';
import { fingerprintOfTokenizerJson } from '#libs/tokenizer/index.js';
import { reversedTokenizerJson } from '../support/reversed-tokenizer.js';
import { inPieces, type ScriptedDraft, startScriptedDraft } from '../support/scripted-draft.js';
import { ServiceProcess } from '../support/service-process.js';
import { tinyTokenizerJson, writeTinyHub } from '../support/tiny-checkpoint.js';

const JSON_TEXT = JSON.stringify(reversedTokenizerJson());
const CONFIG_TEXT = JSON.stringify({ eos_token: '<eos>' });
const FINGERPRINT = fingerprintOfTokenizerJson(reversedTokenizerJson());
const TARGET_FINGERPRINT = fingerprintOfTokenizerJson(tinyTokenizerJson());
const PROMPT = [...Buffer.from('Once upon a time there was a house.')];

let root: string;
const pool = new ChannelPool();
const env: NodeJS.ProcessEnv = {
  OUTRIDER_VERIFIER_THREADS: '1',
  OUTRIDER_VERIFIER_PORT: '0',
  OUTRIDER_DRAFT_PORT: '0',
};
/** Greedy tokens with speculation off. */
let plain: readonly number[];

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'outrider-universal-'));
  for (const [name, json] of [
    ['target', tinyTokenizerJson()],
    ['draft', reversedTokenizerJson()],
  ] as const) {
    const source = writeTinyHub(join(root, `${name}-hub`));
    await writeFile(join(source, 'tokenizer.json'), JSON.stringify(json));
    await buildModel({ source, out: join(root, name), name, license: 'MIT' });
  }
  env.OUTRIDER_MODEL_FOLDER = join(root, 'target');
  env.OUTRIDER_DRAFT_FOLDER = join(root, 'draft');
});

after(async () => {
  pool.close();
  await rm(root, { recursive: true, force: true });
});

interface Outcome {
  readonly tokens: readonly number[];
  readonly drafted: number;
  readonly failures: ReadonlySet<string>;
}

type Generate = (changes?: Partial<GenerateRequest>) => Promise<Outcome>;

/** A verifier that knows these drafts, in this order. */
async function verifierOf(t: TestContext, drafts: readonly string[]): Promise<Generate> {
  const verifier = await ServiceProcess.start('verifier', { ...env, OUTRIDER_DRAFTS: drafts.join() });
  const client = new VerifierClient(verifier.endpoint, pool);
  t.after(async () => {
    client.close();
    await verifier.end('SIGTERM');
  });
  let count = 0;
  return async (changes = {}) => {
    const tokens: number[] = [];
    const failures = new Set<string>();
    let drafted = 0;
    const request: GenerateRequest = {
      requestId: `r-${count}`,
      sessionId: `s-${count++}`,
      tokens: PROMPT,
      promptLength: PROMPT.length,
      sampling: { temperature: 0, topK: 0, topP: 1, seed: 1n },
      maxTokens: 40,
      stopTokenIds: [],
      speculation: { enabled: true, numSpeculativeTokens: 4, method: 'draft_model' },
      draftEndpoints: drafts,
      fencingGeneration: 0n,
      ...changes,
    };
    for await (const { tokens: some, round } of client.generate(request, {
      signal: AbortSignal.timeout(30_000),
    })) {
      tokens.push(...some);
      drafted += round.drafted;
      if (round.draftFailure) failures.add(round.draftFailure);
    }
    return { tokens, drafted, failures };
  };
}

/** Generates until the condition holds; every text must be the target's. */
async function generateUntil(generate: Generate, holds: (outcome: Outcome) => boolean): Promise<Outcome> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const outcome = await generate();
    assert.deepEqual(outcome.tokens, plain);
    if (holds(outcome)) return outcome;
  }
  return assert.fail(`it never came to that: ${[...(await generate()).failures]}`);
}

async function scripted(
  t: TestContext,
  script: Partial<Parameters<typeof startScriptedDraft>[0]>,
): Promise<ScriptedDraft> {
  const draft = await startScriptedDraft({ fingerprint: FINGERPRINT, ...script });
  t.after(() => draft.close());
  return draft;
}

test('a real draft of another vocabulary sends its tokenizer, drafts, and changes no token', async (t) => {
  const draft = await ServiceProcess.start('draft', env);
  t.after(() => draft.end('SIGTERM'));
  const generate = await verifierOf(t, [draft.endpoint]);
  plain = (await generate({ speculation: { enabled: false, numSpeculativeTokens: 0, method: '' } })).tokens;
  assert.equal(plain.length, 40);
  const { failures } = await generateUntil(generate, ({ drafted }) => drafted > 0);
  for (const failure of failures) assert.match(failure, /is still being fetched/);
  const sampling = { temperature: 1, topK: 0, topP: 1, seed: 3n, verification: 'coupled' as const };
  const off = { enabled: false, numSpeculativeTokens: 0, method: '' };
  const seeded = await generate({ sampling });
  assert.deepEqual(seeded.tokens, (await generate({ sampling, speculation: off })).tokens);
  assert.ok(seeded.drafted > 0);
  assert.deepEqual([...seeded.failures], []);
});

test("a draft of the target's vocabulary goes before one of another, wherever it stands in the list", async (t) => {
  const tokenizer = () => inPieces(JSON_TEXT, CONFIG_TEXT);
  const other = await scripted(t, { tokenizer });
  const same = await scripted(t, { fingerprint: TARGET_FINGERPRINT });
  const generate = await verifierOf(t, [other.endpoint, same.endpoint]);
  await generateUntil(generate, ({ drafted }) => drafted > 0 && same.asked.infos > 0);
  const asked = other.asked.proposals;
  await generate();
  assert.ok(same.asked.proposals > 0);
  assert.equal(other.asked.proposals, asked);
  await same.close();
  await generateUntil(generate, ({ drafted }) => drafted > 0 && other.asked.proposals > asked);
  assert.equal(other.asked.tokenizers, 1, 'fetched once for all generations');
});

test('a draft that comes back with another vocabulary is asked anew', async (t) => {
  const first = await scripted(t, { fingerprint: TARGET_FINGERPRINT });
  const generate = await verifierOf(t, [first.endpoint]);
  await generateUntil(generate, ({ drafted }) => drafted > 0);
  await first.close();
  const second = await scripted(t, { port: first.port, tokenizer: () => inPieces(JSON_TEXT, CONFIG_TEXT) });
  await generateUntil(generate, ({ drafted }) => drafted > 0 && second.asked.proposals > 1);
});

const endless = async function* () {
  for (;;) yield { tokenizerJson: new Uint8Array(1 << 20) };
};
const LIARS: Record<string, readonly [Partial<Parameters<typeof startScriptedDraft>[0]>, RegExp]> = {
  'has no tokenizer': [{}, /failed_precondition: .* tokenizer can't be had: .*no tokenizer of its own/],
  'sends no JSON': [{ tokenizer: () => inPieces('{', CONFIG_TEXT) }, /failed_precondition: .*damaged/],
  'sends the tokenizer of another model': [
    { tokenizer: () => inPieces(JSON.stringify(tinyTokenizerJson()), CONFIG_TEXT) },
    /failed_precondition: .*not that of its model/,
  ],
  'sends for ever': [{ tokenizer: endless }, /failed_precondition: .*more than \d+ bytes/],
  'drafts tokens that do not exist': [
    { tokenizer: () => inPieces(JSON_TEXT, CONFIG_TEXT), tokens: [1_000_000] },
    /internal: .*outside the vocabulary of 260/,
  ],
};

for (const [what, [script, message]] of Object.entries(LIARS))
  test(`a draft that ${what} costs no token, and is reported`, async (t) => {
    const draft = await scripted(t, script);
    const generate = await verifierOf(t, [draft.endpoint]);
    await generateUntil(generate, ({ failures }) => [...failures].some((failure) => message.test(failure)));
    assert.ok(draft.asked.tokenizers <= 1);
  });
