import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bitsOf, gammaKey, LONGEST_DRAFT, settingOf, suggestGamma } from './gamma-space.js';
import { seededRandom } from './seeded-random.js';
import type { TunedGamma } from './tuned-gamma.js';

const NUM_BITS = bitsOf({ controller: 'constant', maxTokens: 1 }).length;

test('every vector is a setting, and the setting is the same through its own vector', () => {
  const controllers = new Set<string>();
  for (let number = 0; number < 2 ** NUM_BITS; number++) {
    const bits = Uint8Array.from({ length: NUM_BITS }, (_, i) => (number >> i) & 1);
    const setting = settingOf(bits);
    controllers.add(setting.controller);
    assert.deepEqual(settingOf(bitsOf(setting)), setting);
    assert.ok(setting.maxTokens >= 1 && setting.maxTokens <= LONGEST_DRAFT);
  }
  assert.equal(controllers.size, 5);
});

test('settings between the grid’s lines are taken for the nearest', () => {
  const setting = settingOf(bitsOf({ controller: 'draft_exit', maxTokens: 12, threshold: 0.6, goal: 0.9 }));
  assert.equal(setting.maxTokens, 12);
  assert.equal(setting.goal, 0.9);
  assert.ok(Math.abs(setting.threshold! - 0.6) < 0.02);
  assert.equal(settingOf(bitsOf({ controller: 'constant', maxTokens: 200 })).maxTokens, LONGEST_DRAFT);
});

/** Best at a confidence of about 0.35 and 7 tokens; other controllers come near. */
function value({ controller, maxTokens, threshold = 0.35 }: TunedGamma): number {
  const kind = controller === 'confidence' ? 0 : 0.05;
  return 1.5 - kind - 0.01 * Math.abs(maxTokens - 7) - 0.4 * Math.abs(threshold - 0.35);
}

function bestOf(numTrials: number, seed: number, isRandom: boolean): number {
  const trials: { readonly setting: TunedGamma; readonly value: number }[] = [];
  while (trials.length < numTrials) {
    const random = seededRandom(1000 * seed + trials.length);
    const setting = suggestGamma(trials, isRandom ? numTrials : 12, random)!;
    trials.push({ setting, value: value(setting) });
  }
  assert.equal(new Set(trials.map(({ setting }) => gammaKey(setting))).size, numTrials, 'none comes twice');
  return Math.max(...trials.map((trial) => trial.value));
}

test('sixty trials find a better setting than random ones, at eight of ten seeds at least', () => {
  let wins = 0;
  for (let seed = 1; seed <= 10; seed++) if (bestOf(60, seed, false) >= bestOf(60, seed, true)) wins++;
  assert.ok(wins >= 8, `${wins} of 10`);
});
