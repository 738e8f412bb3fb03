// The whole of `outrider tune gamma` on tiny random models behind a real draft service: found, resumed, and what it refuses.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { buildModel } from '#libs/builder/index.js';
import { AppError } from '#libs/errors/index.js';
import { GAMMA_FILE, readGammaPairs } from '#libs/tuning/index.js';
import { freePorts } from '../../test/support/free-ports.js';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { writeTinyHub } from '../../test/support/tiny-checkpoint.js';
import { type TuneArguments, tune } from './tune.js';

interface Bench {
  readonly folder: string;
  readonly model: string;
  run(changes?: Partial<TuneArguments>, signal?: AbortSignal): Promise<string>;
}

async function benchOf(t: TestContext): Promise<Bench> {
  const folder = await temporaryFolder(t);
  const [model, draft, prompts] = [join(folder, 'model'), join(folder, 'draft'), join(folder, 'prompts.txt')];
  const source = writeTinyHub(join(folder, 'hub'), { eos_token_id: 259 });
  const common = { source, license: 'MIT', quantisation: 'f32' } as const;
  await buildModel({ ...common, out: model, name: 'tiny', layerSkip: true });
  await buildModel({ ...common, out: draft, name: 'tiny-draft', layerSkip: false });
  await writeFile(prompts, 'One prompt.\nAnother prompt.\n');
  const [draftPort] = (await freePorts(1)) as [number];
  const run = async (changes: Partial<TuneArguments> = {}, signal = new AbortController().signal) => {
    const out = new PassThrough();
    const args = {
      home: folder,
      model,
      draft,
      out,
      prompts,
      draftPort,
      env: process.env,
      answerTokens: '16',
    };
    const options = { subject: 'gamma', trials: '14', study: undefined, objective: undefined };
    await tune({ ...args, ...options, ...changes }, signal);
    return String(out.read());
  };
  return { folder, model, run };
}

test('a setting is found and kept beside the target with what it brings; the study goes on with its recording', async (t) => {
  const { model, run } = await benchOf(t);
  const said = await run();
  assert.match(said, /Recording: 2 of 2 answers/);
  assert.match(said, /Searching: 14 of 14 trials, best \d+\.\d{3}×/);
  assert.match(said, /Best of 14 trials for tiny-draft drafting for tiny: \w+, \d+ tokens at most/);
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
  const again = await run({ trials: '16' });
  assert.doesNotMatch(again, /Recording/);
  const longer = await readFile(join(model, 'gamma-study.jsonl'), 'utf8');
  assert.ok(longer.startsWith(study));
  assert.equal(longer.trimEnd().split('\n').length, 2 + 16);
});

test('the objective speed measures real rounds; other prompts, drafts or answers need a study of their own', async (t) => {
  const { folder, model, run } = await benchOf(t);
  const study = join(folder, 'speed.jsonl');
  await run({ objective: 'speed', trials: '2', study });
  await assert.rejects(run({ trials: '2', study }), /another objective/);
  await assert.rejects(run({ objective: 'speed', study, answerTokens: '12' }), /another prompts .*--study/);
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
    [{ draft: '127.0.0.1:1' }, /127\.0\.0\.1:1/],
  ] as const)
    await assert.rejects(run(changes), { message });
  await writeFile(join(model, GAMMA_FILE), '{}');
  await assert.rejects(run(), { code: 'failed_precondition', message: /gamma\.json: format/ });
});

test('a search that is cancelled leaves no draft running', async (t) => {
  const { run } = await benchOf(t);
  await assert.rejects(run({}, AbortSignal.abort()), (error) => AppError.from(error).code === 'cancelled');
  assert.match(await run({ trials: '2' }), /Best of 2 trials/);
});
