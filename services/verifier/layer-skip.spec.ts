// On a tiny random model, every choice of sub-layers: the text is the full model's. The real weights' twin is
// test/model/layer-skip.spec.ts.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { buildModel } from '#libs/builder/index.js';
import { openEngine } from '#libs/engine/index.js';
import { engineOptions, hostingSchema } from '#libs/hosting/index.js';
import { openModelFolder } from '#libs/models/index.js';
import { GREEDY, type SamplingParams } from '#libs/sampling/index.js';
import { ConstantGamma, decode } from '#libs/speculative/index.js';
import { TINY, writeTinyHub } from '../../test/support/tiny-checkpoint.js';
import { EngineVerifier } from './engine-verifier.js';
import { LayerSkipProposer } from './layer-skip.js';
import { type Target, targetOf } from './verify.js';

const PROMPT = [...Buffer.from('a short prompt')];
const COUPLED: SamplingParams = { ...GREEDY, temperature: 1, verification: 'coupled', seed: 3n };
const signal = new AbortController().signal;
const cleanUps: (() => Promise<void>)[] = [];
let target: Target;
let session = 0;

async function open(layerSkip: boolean, isOld = false): Promise<Target> {
  const folder = await mkdtemp(join(tmpdir(), 'outrider-skip-'));
  cleanUps.push(() => rm(folder, { recursive: true }));
  const out = join(folder, 'model');
  const source = writeTinyHub(join(folder, 'hub'));
  await buildModel({ source, out, name: 'tiny', license: 'MIT', quantisation: 'q8', layerSkip });
  if (isOld) await makeOld(out);
  const options = { threads: 1, exact: true, skipsLayers: true };
  const engine = await openEngine(
    engineOptions(await openModelFolder(out), hostingSchema.parse({}), options),
  );
  cleanUps.push(() => engine.model.release());
  return targetOf(engine);
}

/** As it was built before the graph with the mask got a file of its own. */
async function makeOld(folder: string): Promise<void> {
  const file = join(folder, 'outrider.json');
  const { skipGraph, files, ...manifest } = JSON.parse(await readFile(file, 'utf8'));
  const { [skipGraph]: graph, ...others } = files;
  await rename(join(folder, skipGraph), join(folder, 'model.onnx'));
  const old = { ...manifest, layerSkip: true, files: { ...others, 'model.onnx': graph } };
  await writeFile(file, JSON.stringify(old));
}

before(async () => {
  target = await open(true);
});
after(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
});

async function run(sampling: SamplingParams, gamma: number, skipMask?: Uint8Array, of = target) {
  const proposer = skipMask && new LayerSkipProposer(of, skipMask);
  const request = {
    sessionId: `session ${session++}`,
    promptTokens: PROMPT,
    sampling,
    maxTokens: 24,
    contextLength: of.model.contextLength,
    stopTokenIds: new Set<number>(),
    vocabSize: TINY.vocab_size,
  };
  const verifier = new EngineVerifier(of);
  const ports = {
    verifier,
    proposer,
    gamma: new ConstantGamma(gamma),
    draftDeadlineMs: 60_000,
    now: () => performance.now(),
  };
  const [tokens, failures]: [number[], string[]] = [[], []];
  for await (const round of decode(request, ports, signal)) {
    tokens.push(...round.tokens);
    if (round.draftFailure !== undefined) failures.push(round.draftFailure);
  }
  return { tokens, failures };
}

test('whatever is skipped, greedy and coupled text is the text of plain decoding', async () => {
  for (const sampling of [GREEDY, COUPLED]) {
    const plain = await run(sampling, 0);
    for (let bits = 0; bits < 16; bits++) {
      const mask = Uint8Array.from({ length: 4 }, (_, i) => (bits >> i) & 1);
      assert.deepEqual(await run(sampling, 1 + (bits % 5), mask), plain, mask.join(''));
    }
  }
});

test('a folder with the mask in its only graph goes on as before', async () => {
  const old = await open(true, true);
  assert.equal(old.model.subLayers, 4);
  const mask = Uint8Array.of(0, 1, 0, 0);
  assert.deepEqual(await run(GREEDY, 3, mask, old), await run(GREEDY, 0));
  assert.deepEqual(await run(GREEDY, 0, undefined, old), await run(GREEDY, 0));
});

test('proposals of sampled requests carry the law that their tokens were drawn from', async () => {
  const sampling: SamplingParams = { ...GREEDY, temperature: 1, seed: 3n };
  const { failures } = await run(sampling, 3, Uint8Array.of(0, 1, 0, 0));
  assert.deepEqual(failures, []);
});

test('a mask that the graph cannot take is refused', async () => {
  const { model } = target;
  await assert.rejects(
    model.advance(model.newCache(), [1], 1, signal, { skipMask: new Uint8Array(3) }),
    RangeError,
  );
  const { model: plain } = await open(false);
  assert.equal(plain.subLayers, 0);
  await assert.rejects(
    plain.advance(plain.newCache(), [1], 1, signal, { skipMask: new Uint8Array(4) }),
    RangeError,
  );
});
