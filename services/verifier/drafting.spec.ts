import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Engine } from '#libs/engine/index.js';
import { GrammarFollower, packVocabulary } from '#libs/grammar/index.js';
import type { Manifest, ModelFolder } from '#libs/models/index.js';
import type { Speculation } from '#libs/rpc/index.js';
import { GREEDY } from '#libs/sampling/index.js';
import { Chain, GAMMA_CONTROLLERS, PastOutputs, type Sequence } from '#libs/speculative/index.js';
import { type SkipSet, writeGammaPair, writeSkipSet } from '#libs/tuning/index.js';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { ToyEngine } from '../../test/support/toy-engine.js';
import { DraftClients } from './draft-clients.js';
import { DraftingSources } from './drafting.js';
import { GrammarLiterals } from './grammar-literals.js';
import type { LayerSkipProposer } from './layer-skip.js';
import { LocalDraft } from './local-draft.js';
import { selfDraftingOf } from './self-drafting.js';
import { TunedLengths, tunedSettingsOf } from './tuned-lengths.js';

const layerSkip = { propose: () => assert.fail('not asked') } as unknown as LayerSkipProposer;

function speculation(method: string): Speculation {
  return { enabled: true, numSpeculativeTokens: 0, method };
}

function setOf(isWorthwhile: boolean): SkipSet {
  const measured = { acceptance: 0.8, cost: 0.5, breakEvenCost: 0.7, gamma: 2, trials: 9 };
  return {
    format: 1,
    model: 'm',
    numLayers: 4,
    attention: [2],
    mlp: [1],
    isWorthwhile,
    measured: { ...measured, predictedSpeedUp: 1.2, measuredSpeedUp: 1.1 },
  };
}

async function modelOf(t: TestContext, canSkip: boolean, set?: SkipSet): Promise<ModelFolder> {
  const folder = await temporaryFolder(t);
  if (set !== undefined) await writeSkipSet(folder, set);
  const skipGraph = canSkip ? 'model.skip.onnx' : null;
  return { folder, manifest: { name: 'm', numLayers: 4, layerSkip: false, skipGraph } as Manifest };
}

async function sourcesOf(model: ModelFolder, chosenFile?: string): Promise<DraftingSources> {
  const self = await selfDraftingOf(model, chosenFile);
  return new DraftingSources(new DraftClients({ folder: '', vocabSize: 8, vocabularyFingerprint: 'f' }), {
    self,
    layerSkip: self.skipMask && layerSkip,
  });
}

function namesOf(sources: DraftingSources, asked: Speculation): readonly string[] {
  const { proposer } = sources.start(asked, []);
  return proposer instanceof Chain ? proposer.names : [];
}

test('a set that pays drafts by default, one that does not only on request', async (t) => {
  for (const isWorthwhile of [true, false]) {
    const sources = await sourcesOf(await modelOf(t, true, setOf(isWorthwhile)));
    assert.deepEqual(namesOf(sources, speculation('layer_skip')), ['layer_skip']);
    const byDefault = isWorthwhile ? ['prompt_lookup', 'layer_skip'] : ['prompt_lookup'];
    for (const method of ['', 'chain']) assert.deepEqual(namesOf(sources, speculation(method)), byDefault);
    assert.deepEqual(namesOf(sources, speculation('prompt_lookup')), ['prompt_lookup']);
    assert.deepEqual(namesOf(sources, speculation('draft_model')), []);
  }
});

test('what a grammar forces is drafted in a chain, and only there', async (t) => {
  const sources = await sourcesOf(await modelOf(t, false));
  const follower = new GrammarFollower({ vocabulary: packVocabulary([], []) });
  const literals = new GrammarLiterals(
    { key: 'g', literal: () => assert.fail('not asked') },
    follower.literalTokens,
  );
  for (const [method, names] of [
    ['', ['prompt_lookup', 'grammar']],
    ['chain', ['prompt_lookup', 'grammar']],
    ['prompt_lookup', ['prompt_lookup']],
  ] as const) {
    const { proposer } = sources.start(speculation(method), [], literals);
    assert.ok(proposer instanceof Chain);
    assert.deepEqual(proposer.names, names);
  }
});

test('a set that the operator names drafts by default', async (t) => {
  const model = await modelOf(t, true);
  const { folder } = await modelOf(t, true, setOf(false));
  const sources = await sourcesOf(model, join(folder, 'skip.json'));
  assert.deepEqual(namesOf(sources, speculation('')), ['prompt_lookup', 'layer_skip']);
  await assert.rejects(sourcesOf(model, join(folder, 'nowhere.json')), {
    code: 'failed_precondition',
    message: /OUTRIDER_SKIP_FILE names .*nowhere\.json/,
  });
});

test('without layers to skip the method is refused with what to do, and nothing else changes', async (t) => {
  const refusal = { code: 'invalid_argument', field: 'speculation.method' };
  const untuned = await sourcesOf(await modelOf(t, true));
  assert.throws(() => untuned.start(speculation('layer_skip'), []), {
    ...refusal,
    message: /outrider tune layer-skip --model m/,
  });
  const plain = await modelOf(t, false);
  const unable = await sourcesOf(plain);
  assert.throws(() => unable.start(speculation('layer_skip'), []), {
    ...refusal,
    message: /m was built without layer skipping/,
  });
  assert.notEqual(unable.start(speculation(''), []).proposer, undefined);
  assert.equal(unable.start({ ...speculation('layer_skip'), enabled: false }, []).proposer, undefined);
  await assert.rejects(sourcesOf(plain, join(plain.folder, 'skip.json')), { code: 'failed_precondition' });
});

test('a draft model works ahead as the request says, whoever decides lengths; nothing else does', async (t) => {
  const sources = await sourcesOf(await modelOf(t, false));
  const aheadOf = (fields: Partial<Speculation>) =>
    sources.start({ ...speculation(''), ...fields }, ['127.0.0.1:1']).gamma.next().ahead ?? 0;
  for (const method of ['chain', 'draft_model'])
    for (const controller of GAMMA_CONTROLLERS) {
      assert.ok(aheadOf({ method, controller, optimistic: 'on' }) > 0, `${method} ${controller}`);
      for (const optimistic of ['auto', 'off']) assert.equal(aheadOf({ method, controller, optimistic }), 0);
    }
  assert.equal(aheadOf({ method: 'prompt_lookup', optimistic: 'on' }), 0);
});

test('a draft model in this thread is asked in place of others, and never works ahead', () => {
  const engine = new ToyEngine();
  const options = { model: 'd', headTokenIds: undefined, vocabSize: 8, features: undefined };
  const local = new LocalDraft(engine as unknown as Engine, options, 0);
  const drafts = { proposer: () => assert.fail('dialled') } as unknown as DraftClients;
  const settings = new Map([['d', { controller: 'constant', maxTokens: 3 } as const]]);
  const sources = new DraftingSources(drafts, { local, tuned: new TunedLengths(settings) });
  for (const endpoints of [[], ['127.0.0.1:1']]) {
    const { proposer, gamma } = sources.start({ ...speculation(''), optimistic: 'on' }, endpoints);
    assert.ok(proposer instanceof Chain);
    assert.deepEqual(proposer.names, ['prompt_lookup', 'draft_model of this thread']);
    assert.equal(gamma.next().ahead ?? 0, 0);
  }
  const crowd = Array.from({ length: 6 }, () => sources.start({ ...speculation(''), enabled: false }, []));
  const { proposer: crowded } = sources.start(speculation(''), []);
  assert.deepEqual(crowded instanceof Chain && crowded.names, ['prompt_lookup']);
  assert.notEqual(sources.start(speculation('draft_model'), []).proposer, undefined);
  for (const { close } of crowd) close();
  const tunedPlan = sources.start(speculation('draft_model'), []).gamma.next();
  assert.equal(tunedPlan.maxTokens, 3);
  assert.equal(sources.start({ ...speculation(''), enabled: false }, []).proposer, undefined);
});

test('a damaged set keeps the verifier from starting', async (t) => {
  const model = await modelOf(t, true);
  await writeFile(join(model.folder, 'skip.json'), '{"format": 2}');
  await assert.rejects(selfDraftingOf(model), { code: 'failed_precondition', message: /skip\.json/ });
});

test('what was tuned for a draft is the default of requests that choose no length, once the draft has said who it is', async () => {
  let name: string | undefined;
  const drafts = {
    proposer: () => ({ close() {} }),
    modelOf: (endpoint: string) => (endpoint === 'draft:1' ? name : undefined),
  } as unknown as DraftClients;
  const settings = new Map([['d', { controller: 'confidence', maxTokens: 5, threshold: 0.3 } as const]]);
  const tuned = new TunedLengths(settings);
  const sources = new DraftingSources(drafts, { tuned });
  const planOf = (changes: Partial<Speculation>, endpoint = 'draft:1') =>
    sources.start({ ...speculation('draft_model'), ...changes }, [endpoint]).gamma.next();
  const untuned = planOf({});
  assert.equal(untuned.minConfidence, 0);
  name = 'd';
  assert.deepEqual(planOf({}), { maxTokens: 5, minConfidence: 0.3 });
  assert.deepEqual(planOf({}, 'draft:2'), untuned);
  assert.deepEqual(planOf({ numSpeculativeTokens: 2 }), { maxTokens: 2, minConfidence: 0 });
  assert.deepEqual(planOf({ controller: 'confidence' }), { maxTokens: 8, minConfidence: 0.4 });
  name = 'another';
  assert.deepEqual(planOf({}), untuned);
});

test('only settings that pay are used; a damaged file keeps the verifier from starting', async (t) => {
  const { folder } = await modelOf(t, false);
  const measured = {
    ...{ acceptance: 0.7, cost: 0.1, breakEvenCost: 0.5, predictedSpeedUp: 1.4, measuredSpeedUp: 1.3 },
    ...{ untunedSpeedUp: 1.2, trials: 30 },
    spread: [1.2, 1.4] as [number, number],
  };
  const setting = { controller: 'constant', maxTokens: 3 } as const;
  await writeGammaPair(folder, 'm', { draft: 'd', setting, isWorthwhile: true, measured });
  await writeGammaPair(folder, 'm', { draft: 'slow', setting, isWorthwhile: false, measured });
  assert.deepEqual([...(await tunedSettingsOf(folder, 'm'))], [['d', setting]]);
  await assert.rejects(tunedSettingsOf(folder, 'other'), {
    code: 'failed_precondition',
    message: /gamma\.json/,
  });
});

function withPast(): DraftingSources {
  const drafts = new DraftClients({ folder: '', vocabSize: 8, vocabularyFingerprint: 'f' });
  return new DraftingSources(drafts, { past: new PastOutputs({ maxBytes: 2 ** 20 }) });
}

const never = new AbortController().signal;
const ask = (tokens: readonly number[]): Sequence => ({
  sessionId: 's',
  tokens,
  promptLength: tokens.length,
  sampling: GREEDY,
  cacheSalt: 'a',
});

test('what was generated is found by the suffix method and by chains, of the same salt only', async () => {
  const sources = withPast();
  sources.remember('a', [1, 2, 3, 4, 5, 6, 7]);
  sources.remember('b', [1, 2, 3, 5, 5, 5, 5]);
  sources.remember(undefined, [1, 2, 3, 6, 6, 6, 6]);
  for (const method of ['suffix', 'chain', '']) {
    const asked = speculation(method);
    assert.deepEqual(namesOf(sources, asked), ['prompt_lookup', 'suffix']);
    const { proposer, gamma } = sources.start(asked, []);
    const { proposal } = await proposer!.propose(ask([7, 1, 2, 3]), gamma.next(), never);
    assert.equal(proposal.tokens[0], 4, method);
  }
  assert.deepEqual(namesOf(sources, speculation('prompt_lookup')), ['prompt_lookup']);
});

test('a verifier that keeps nothing refuses the suffix method, and chains do without', async (t) => {
  const sources = await sourcesOf(await modelOf(t, false));
  assert.throws(() => sources.start(speculation('suffix'), []), {
    code: 'invalid_argument',
    field: 'speculation.method',
    message: /OUTRIDER_PAST_OUTPUT_BYTES is 0/,
  });
  assert.deepEqual(namesOf(sources, speculation('chain')), ['prompt_lookup']);
});

test('the controller that is asked for decides, in a chain as elsewhere', async () => {
  const text = [1, 2, 3, 4, 5, 6, 7, 1, 2];
  const lengths: Record<string, number> = {
    constant: 5,
    heuristic: 5,
    confidence: 5,
    draft_exit: 1,
    goodput: 2,
  };
  for (const [controller, expected] of Object.entries(lengths))
    for (const method of ['', 'chain', 'suffix', 'prompt_lookup']) {
      const asked: Speculation = { ...speculation(method), numSpeculativeTokens: 5, controller };
      const { proposer, gamma } = withPast().start(asked, []);
      const { proposal } = await proposer!.propose(ask(text), gamma.next(), never);
      assert.equal(proposal.tokens.length, expected, `${method} with ${controller}`);
    }
});

test('a number of tokens is what each round drafts, in a chain the most of it', () => {
  const numSpeculativeTokens = 3;
  const drafted = (method: string, controller?: string) =>
    withPast()
      .start({ ...speculation(method), numSpeculativeTokens, ...(controller && { controller }) }, [])
      .gamma.next().maxTokens;
  for (const method of ['chain', 'prompt_lookup']) {
    assert.equal(drafted(method), 3);
    assert.equal(drafted(method, 'draft_exit'), 3);
  }
});
