import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GammaRecording } from '#libs/tuning/index.js';
import { predictedSpeedUp, predictLengths, UNTUNED } from './gamma-prediction.js';
import { gammaReport } from './gamma-report.js';

const LENGTH = 64;

/** Every position alike. Drafted tokens cost `draftMs` each, verified ones nothing beside 10 ms a round. */
function recordingOf(accepted: number, confidence: number, draftMs: number): GammaRecording {
  const positions = Array.from({ length: LENGTH }, (_, i) => Math.min(16, LENGTH - i - 1));
  return {
    kind: 'recording',
    traces: [
      {
        accepted: positions.map((most) => Math.min(most, accepted)),
        confidences: positions.map((most) => new Array<number>(most).fill(confidence)),
      },
    ],
    plainMs: 10,
    draftMs: [
      [1, draftMs],
      [4, 4 * draftMs],
      [16, 16 * draftMs],
    ],
    restMs: [
      [1, 10],
      [16, 10],
    ],
  };
}

test('constant lengths bring what arithmetic says, between the measured points too', () => {
  const { constants, acceptance, breakEvenCost, cost } = predictLengths(recordingOf(16, 0.9, 1));
  assert.equal(constants.length, 16);
  // 4 + 1 tokens in 10 ms and 4 ms of drafting, against 5 plain rounds of 10 ms; 64 tokens are 12 such rounds and one of 4.
  assert.ok(Math.abs(constants[3]! - 640 / (12 * 14 + 13)) < 1e-9, String(constants[3]));
  assert.equal(acceptance, 1);
  assert.ok(Math.abs(cost - 0.1) < 1e-9);
  assert.ok(breakEvenCost > 0.9 && breakEvenCost <= 1, String(breakEvenCost));
});

test('a draft that is never right has no cost at which it pays, and goodput loses next to nothing by it', () => {
  const recording = recordingOf(0, 0.2, 3);
  const { acceptance, breakEvenCost, constants } = predictLengths(recording);
  assert.equal(acceptance, 0);
  assert.equal(breakEvenCost, 0);
  assert.ok(Math.max(...constants) < 0.8);
  assert.ok(predictedSpeedUp(recording, UNTUNED) > 0.9);
  assert.ok(predictedSpeedUp(recording, { controller: 'constant', maxTokens: 4 }) < 0.5);
});

test('the report says what to do, also that drafting is not worth it, and at which cost it would be', () => {
  const files = { gammaFile: 'gamma.json', studyFile: 'study.jsonl', plotFile: 'study.svg' };
  const measured = {
    acceptance: 0.3,
    cost: 0.6,
    breakEvenCost: 0.28,
    predictedSpeedUp: 0.9,
    measuredSpeedUp: 0.88,
    spread: [0.86, 0.91] as [number, number],
    untunedSpeedUp: 0.97,
    trials: 60,
  };
  const setting = { controller: 'confidence', maxTokens: 5, threshold: 0.35 } as const;
  const pair = { draft: 'd', setting, isWorthwhile: false, measured, model: 'm', ...files };
  const bad = gammaReport(pair);
  assert.match(bad, /confidence, 5 tokens at most, threshold 0\.35/);
  assert.match(
    bad,
    /Not worth it: a drafted token costs 0\.60 of a plain round, and 0\.28 would only break even\./,
  );
  const close = gammaReport({ ...pair, measured: { ...measured, cost: 0.1, predictedSpeedUp: 1.1 } });
  assert.match(close, /Not worth it: real rounds bring 0\.88× of the 1\.10× predicted\./);
  assert.match(
    gammaReport({ ...pair, isWorthwhile: true }),
    /Worth it: m drafts with d like this by default/,
  );
});
