import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DraftPlan, RoundOutcome } from '../round.js';
import { AheadChoice, ALWAYS_AHEAD } from './ahead-choice.js';
import { AheadGamma } from './ahead-gamma.js';
import { ConstantGamma } from './constant.js';

/** Times of a round, by whether its draft was worked ahead for, and whether the draft works while it is verified. */
type Device = (
  drafted: number,
  wasOn: boolean,
  isOn: boolean,
  luck: number,
) => Pick<RoundOutcome, 'draftMs' | 'restMs'>;

/** Six in ten drafts are there already. */
const separate: Device = (drafted, wasOn, _, luck) => ({
  draftMs: 1 + (wasOn && luck < 0.6 ? 0 : 1.5 * drafted),
  restMs: 12 + drafted,
});

/** The same, but the target is slowed by as much as the draft does meanwhile. */
const shared: Device = (drafted, wasOn, isOn, luck) => ({
  draftMs: 1 + (wasOn && luck < 0.6 ? 0 : 1.5 * drafted),
  restMs: 12 + drafted + (isOn ? 1.5 * (drafted + 2) : 0),
});

/** Rounds of one generation after another; how many of the last thousand worked ahead. */
function shareOn(choice: AheadChoice, device: Device, numRounds: number, noise = 0.1): number {
  let state = 1;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  let on = 0;
  for (let start = 0; start < numRounds; start += 50) {
    const gamma = new AheadGamma(new ConstantGamma(4), choice);
    let wasOn = false;
    for (let round = start; round < start + 50; round++) {
      const isOn = (gamma.next().ahead ?? 0) > 0;
      const drafted = 1 + Math.floor(4 * random());
      const { draftMs, restMs } = device(drafted, wasOn, isOn, random());
      const disturbed = 1 + noise * (random() + random() - 1) + (random() < 0.02 ? 5 : 0);
      gamma.observe({ drafted, accepted: 1, confidences: [], draftMs, restMs: restMs * disturbed });
      wasOn = isOn;
      if (round >= numRounds - 1000 && isOn) on++;
    }
  }
  return on / 1000;
}

test('where the draft has a device of its own, it ends up working ahead', () => {
  assert.ok(shareOn(new AheadChoice(), separate, 3000) > 0.9);
});

test('where both share their cores, it hardly ever does', () => {
  assert.ok(shareOn(new AheadChoice(), shared, 3000) < 0.1);
});

test('it notices when devices change', () => {
  const choice = new AheadChoice();
  assert.ok(shareOn(choice, separate, 3000) > 0.9);
  assert.ok(shareOn(choice, shared, 6000) < 0.1);
  assert.ok(shareOn(choice, separate, 6000) > 0.9);
});

test('a plan works ahead about as far as drafts go, and not where nothing is drafted', () => {
  const gamma = new AheadGamma(new ConstantGamma(8), ALWAYS_AHEAD);
  assert.equal(gamma.next().ahead, 8);
  for (let i = 0; i < 50; i++)
    gamma.observe({ drafted: 2, accepted: 1, confidences: [], draftMs: 1, restMs: 1 });
  assert.deepEqual(gamma.next(), { maxTokens: 8, minConfidence: 0, ahead: 3 } satisfies DraftPlan);
  assert.equal(new AheadGamma(new ConstantGamma(0), ALWAYS_AHEAD).next().ahead, undefined);
});
