// The whole of `outrider tune layer-skip` on a tiny random model: found, resumed, and what it refuses.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { buildModel } from '#libs/builder/index.js';
import { readSkipSet, SKIP_FILE } from '#libs/tuning/index.js';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { writeTinyHub } from '../../test/support/tiny-checkpoint.js';
import { type TuneArguments, tune } from './tune.js';

const signal = new AbortController().signal;

interface Bench {
  readonly folder: string;
  readonly model: string;
  run(changes?: Partial<TuneArguments>): Promise<string>;
}

async function benchOf(t: TestContext, layerSkip = true): Promise<Bench> {
  const folder = await temporaryFolder(t);
  const [model, prompts] = [join(folder, 'model'), join(folder, 'prompts.txt')];
  const source = writeTinyHub(join(folder, 'hub'), { eos_token_id: 259 });
  await buildModel({ source, out: model, name: 'tiny', license: 'MIT', quantisation: 'f32', layerSkip });
  await writeFile(prompts, 'One prompt.\n\nAnother prompt.\n');
  const run = async (changes: Partial<TuneArguments> = {}) => {
    const out = new PassThrough();
    await tune(
      {
        home: folder,
        model,
        out,
        subject: 'layer-skip',
        prompts,
        trials: '4',
        study: undefined,
        objective: undefined,
        draftPort: 0,
        env: {},
        ...changes,
      },
      signal,
    );
    return String(out.read());
  };
  return { folder, model, run };
}

test('a set is found, kept beside the model with what it brings, and the study goes on where it ended', async (t) => {
  const { model, run } = await benchOf(t);
  const said = await run();
  assert.match(said, /Searching: 4 of 4 trials, best \d\.\d{3}×/);
  assert.match(said, /Best of 4 trials: \d attention and \d MLP sub-layers skipped of 2 each/);
  assert.match(said, /break-even -?\d\.\d{3}/);
  assert.match(said, /measured speed-up +\d+\.\d{3}×/);
  assert.match(said, /\n(Not w|W)orth it: /);
  const set = await readSkipSet(join(model, SKIP_FILE), { name: 'tiny', numLayers: 2 });
  assert.equal(set!.measured.trials, 4);
  const { predictedSpeedUp, measuredSpeedUp } = set!.measured;
  assert.equal(set!.isWorthwhile, Math.min(predictedSpeedUp, measuredSpeedUp) >= 1.02);
  const study = await readFile(join(model, 'layer-skip-study.jsonl'), 'utf8');
  assert.match(await readFile(join(model, 'layer-skip-study.svg'), 'utf8'), /^<svg /);
  await run({ trials: '6' });
  const longer = await readFile(join(model, 'layer-skip-study.jsonl'), 'utf8');
  assert.ok(longer.startsWith(study));
  assert.equal(longer.trimEnd().split('\n').length, 7);
});

test('the objective speed measures real rounds, into a study of its own', async (t) => {
  const { folder, run } = await benchOf(t);
  const study = join(folder, 'studies', 'speed.jsonl');
  await run({ objective: 'speed', trials: '2', study });
  assert.ok(existsSync(join(folder, 'studies', 'speed.svg')));
  await assert.rejects(run({ trials: '2', study }), /another objective/);
  const prompts = join(folder, 'others.json');
  await writeFile(prompts, '["Other prompts."]');
  await assert.rejects(run({ objective: 'speed', prompts, study }), /another prompts .*--study/);
});

test('what cannot be tuned is refused in words', async (t) => {
  const { folder, run } = await benchOf(t);
  const empty = join(folder, 'empty.txt');
  await writeFile(empty, '\n \n');
  const notJson = join(folder, 'prompts.json');
  await writeFile(notJson, '["one", ');
  for (const [changes, message] of [
    [{ subject: undefined }, /What to tune .* is missing/],
    [{ subject: 'heads' }, /Unknown subject heads/],
    [{ prompts: undefined }, /--prompts is missing/],
    [{ prompts: join(folder, 'nowhere') }, /--prompts: .*nowhere cannot be read/],
    [{ prompts: empty }, /empty\.txt/],
    [{ prompts: notJson }, /prompts\.json begins like JSON and is not/],
    [{ trials: '0' }, /--trials is 0/],
    [{ trials: 'many' }, /--trials is many/],
    [{ objective: 'beauty' }, /--objective is beauty/],
  ] as const)
    await assert.rejects(run(changes), { message });
});

test('a model without layer skipping is refused', async (t) => {
  const { run, model } = await benchOf(t, false);
  await assert.rejects(run(), {
    code: 'failed_precondition',
    message: /tiny was built without layer skipping/,
  });
  assert.ok(!existsSync(join(model, 'layer-skip-study.jsonl')));
});

test('a search that is cancelled keeps its trials', async (t) => {
  const { folder, model, run } = await benchOf(t);
  await run({ trials: '2' });
  const controller = new AbortController();
  controller.abort();
  const out = new PassThrough();
  const prompts = join(folder, 'prompts.txt');
  const rest = { home: folder, model, out, study: undefined, objective: undefined, draftPort: 0, env: {} };
  await assert.rejects(
    tune({ ...rest, subject: 'layer-skip', prompts, trials: '5' }, controller.signal),
    (error: Error) => error.name === 'AbortError',
  );
  assert.match(await run({ trials: '3' }), /Best of 3 trials/);
});
