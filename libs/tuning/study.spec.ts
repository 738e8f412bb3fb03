import assert from 'node:assert/strict';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import {
  LAYER_SKIP_STUDY,
  type LayerSkipSubject,
  type LayerSkipTrial,
  layerSkipPanels,
} from './layer-skip-study.js';
import { Study } from './study.js';
import { studyPlot } from './study-plot.js';

const SUBJECT: LayerSkipSubject = {
  study: 'layer-skip',
  format: 1,
  model: 'm',
  graph: 'aa',
  prompts: 'bb',
  objective: 'goodput',
  numLayers: 4,
};

function trialOf(value: number): LayerSkipTrial {
  return { attention: [1], mlp: [1, 2], value, acceptance: 0.5, cost: 0.6, gamma: 1, breakEvenCost: 0.4 };
}

async function studyOf(t: TestContext, values: readonly number[]): Promise<string> {
  const path = join(await temporaryFolder(t), 'deeper', 'study.jsonl');
  const study = await Study.open(path, LAYER_SKIP_STUDY, SUBJECT);
  for (const value of values) await study.add(trialOf(value));
  await study.close();
  return path;
}

async function reopened(path: string, subject = SUBJECT): Promise<number[]> {
  const study = await Study.open(path, LAYER_SKIP_STUDY, subject);
  await study.close();
  return study.entries.map(({ value }) => value);
}

test('a study goes on where it ended', async (t) => {
  const path = await studyOf(t, [0.5, 0.7]);
  const study = await Study.open(path, LAYER_SKIP_STUDY, SUBJECT);
  await study.add(trialOf(0.9));
  await study.close();
  assert.deepEqual(await reopened(path), [0.5, 0.7, 0.9]);
});

test('a torn last line is cut off, and the next trial gets a line of its own', async (t) => {
  const path = await studyOf(t, [0.5]);
  await appendFile(path, '{"attention":[1],"ml');
  const study = await Study.open(path, LAYER_SKIP_STUDY, SUBJECT);
  await study.add(trialOf(0.6));
  await study.close();
  assert.deepEqual(await reopened(path), [0.5, 0.6]);
  assert.equal((await readFile(path, 'utf8')).split('\n').length, 4);
});

test('a study whose first line was torn begins anew', async (t) => {
  const path = join(await temporaryFolder(t), 'study.jsonl');
  await writeFile(path, '{"study":"lay');
  assert.deepEqual(await reopened(path), []);
  assert.deepEqual(await reopened(path), []);
});

for (const [field, other] of [
  ['model', 'n'],
  ['graph', 'cc'],
  ['prompts', 'dd'],
  ['objective', 'speed'],
] as const)
  test(`a study with another ${field} is refused`, async (t) => {
    const path = await studyOf(t, [0.5]);
    await assert.rejects(reopened(path, { ...SUBJECT, [field]: other }), {
      code: 'failed_precondition',
      message: new RegExp(`another ${field} .*--study`),
    });
  });

test('damage before the last line is named', async (t) => {
  const path = await studyOf(t, [0.5]);
  await appendFile(path, 'nonsense\n{"attention":[9],"mlp":[]}\n');
  await assert.rejects(reopened(path), { code: 'failed_precondition', message: /line 3 is not JSON/ });
  const far = await studyOf(t, []);
  await appendFile(far, `${JSON.stringify({ ...trialOf(1), mlp: [4] })}\n`);
  await assert.rejects(reopened(far), /line 2: a layer is named/);
});

test('the plot shows every trial twice and keeps its title text', () => {
  const svg = studyPlot('a <b> & "c"', layerSkipPanels([trialOf(0.5), trialOf(0.7)]));
  assert.equal(svg.split('<circle').length - 1, 4);
  assert.match(svg, /a &#60;b&#62; &#38; &#34;c&#34;/);
  assert.doesNotMatch(svg, /NaN|Infinity/);
  assert.doesNotMatch(studyPlot('none', layerSkipPanels([])), /NaN|Infinity/);
});
