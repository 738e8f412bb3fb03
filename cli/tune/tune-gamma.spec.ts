// The whole of `outrider tune gamma` on tiny random models behind a real draft service: found, resumed, and what it refuses.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, before, type TestContext, test } from 'node:test';
import { buildModel } from '#libs/builder/index.js';
import { AppError } from '#libs/errors/index.js';
import { GAMMA_FILE, readGammaPairs } from '#libs/tuning/index.js';
import { freePorts } from '../../test/support/free-ports.js';
import { linkedModel } from '../../test/support/linked-model.js';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { writeTinyHub } from '../../test/support/tiny-checkpoint.js';
import { assertPortsFree } from '../free-ports.js';
import { type DraftService, startDraftService } from './draft-service.js';
import { type TuneArguments, tune } from './tune.js';

interface Bench {
  readonly folder: string;
  readonly model: string;
  /** A draft that runs already is used, unless the changes name one to be started. */
  run(changes?: Partial<TuneArguments>, signal?: AbortSignal): Promise<string>;
}

let folder: string;
let running: DraftService;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tune-gamma-'));
  const source = writeTinyHub(join(folder, 'hub'), { eos_token_id: 259 });
  const common = { source, license: 'MIT', quantisation: 'f32' } as const;
  await buildModel({ ...common, out: join(folder, 'target'), name: 'tiny', layerSkip: true });
  await buildModel({ ...common, out: join(folder, 'draft'), name: 'tiny-draft', layerSkip: false });
  await writeFile(join(folder, 'prompts.txt'), 'One prompt.\nAnother prompt.\n');
  const [port] = (await freePorts(1)) as [number];
  const draft = { home: folder, folder: join(folder, 'draft'), port, env: process.env };
  running = await startDraftService(draft, AbortSignal.timeout(60_000));
});

after(async () => {
  await running.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Each test has a target of its own: the same model, nothing found beside it yet. */
async function benchOf(t: TestContext): Promise<Bench> {
  const own = await temporaryFolder(t);
  const model = await linkedModel(join(folder, 'target'), own, '');
  const prompts = join(folder, 'prompts.txt');
  const [draftPort] = (await freePorts(1)) as [number];
  const run = async (changes: Partial<TuneArguments> = {}, signal = new AbortController().signal) => {
    const out = new PassThrough();
    const pair = { home: own, model, draft: running.endpoint, draftPort, env: process.env };
    const options = { subject: 'gamma', prompts, answerTokens: '12', trials: '12' };
    await tune({ ...pair, ...options, out, study: undefined, objective: undefined, ...changes }, signal);
    return String(out.read());
  };
  return { folder: own, model, run };
}

test('a setting is found and kept beside the target with what it brings; the study goes on with its recording', async (t) => {
  const { model, run } = await benchOf(t);
  const said = await run({ draft: join(folder, 'draft') });
  assert.match(said, /Recording: 2 of 2 answers/);
  assert.match(said, /Searching: 12 of 12 trials, best \d+\.\d{3}×/);
  assert.match(said, /Best of 12 trials for tiny-draft drafting for tiny: \w+, \d+ tokens at most/);
  assert.match(said, /break-even -?\d+\.\d{3}/);
  const [pair, ...rest] = await readGammaPairs(model, 'tiny');
  assert.deepEqual(rest, []);
  assert.equal(pair!.draft, 'tiny-draft');
  // The same weights.
  assert.equal(pair!.measured.acceptance, 1);
  const { predictedSpeedUp, measuredSpeedUp, spread } = pair!.measured;
  assert.equal(pair!.isWorthwhile, Math.min(predictedSpeedUp, measuredSpeedUp) >= 1.02);
  assert.match(said, pair!.isWorthwhile ? /\nWorth it: / : /\nNot worth it: /);
  assert.ok(spread[0] <= measuredSpeedUp && measuredSpeedUp <= spread[1]);
  const study = await readFile(join(model, 'gamma-study.jsonl'), 'utf8');
  assert.match(await readFile(join(model, 'gamma-study.svg'), 'utf8'), /^<svg /);
  const again = await run({ trials: '14' });
  assert.doesNotMatch(again, /Recording/);
  const longer = await readFile(join(model, 'gamma-study.jsonl'), 'utf8');
  assert.ok(longer.startsWith(study));
  assert.equal(longer.trimEnd().split('\n').length, 2 + 14);
});

test('the objective speed measures real rounds; other prompts, drafts or answers need a study of their own', async (t) => {
  const { folder: own, model, run } = await benchOf(t);
  const study = join(own, 'speed.jsonl');
  await run({ objective: 'speed', trials: '2', study });
  await assert.rejects(run({ trials: '2', study }), /another objective/);
  await assert.rejects(run({ objective: 'speed', study, answerTokens: '16' }), /another prompts .*--study/);
  // A model can draft for itself, slowly.
  await assert.rejects(
    run({ objective: 'speed', study, draft: model }),
    /another draft \(tiny-draft, not tiny\)/,
  );
});

test('what cannot be tuned is refused in words', async (t) => {
  const { model, run } = await benchOf(t);
  for (const [changes, message] of [
    [{ prompts: undefined }, /--prompts is missing/],
    [{ answerTokens: '7' }, /--answer-tokens is 7; it must be a whole number from 8 to 1024/],
    [{ trials: '0' }, /--trials is 0/],
    [{ draft: undefined }, /No draft model is known/],
  ] as const)
    await assert.rejects(run(changes), { message });
  await writeFile(join(model, GAMMA_FILE), '{}');
  await assert.rejects(run(), { code: 'failed_precondition', message: /gamma\.json: format/ });
});

test('a tuning that is cancelled leaves no draft running', async (t) => {
  const { run } = await benchOf(t);
  const [draftPort] = (await freePorts(1)) as [number];
  const started = run({ draft: join(folder, 'draft'), draftPort }, AbortSignal.timeout(300));
  await assert.rejects(started, (error) =>
    ['cancelled', 'deadline_exceeded'].includes(AppError.from(error).code),
  );
  await assertPortsFree('127.0.0.1', [{ port: draftPort, variable: 'OUTRIDER_DRAFT_PORT' }]);
});
