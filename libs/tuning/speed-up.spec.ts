import assert from 'node:assert/strict';
import { test } from 'node:test';
import { predict } from './speed-up.js';

test('at the break-even cost the best gamma neither gains nor loses', () => {
  for (const acceptance of [0.1, 0.5, 0.9]) {
    const verifyCosts = [1.05, 1.1, 1.2, 1.4, 1.7];
    const { breakEvenCost } = predict({ acceptance, cost: 0, verifyCosts });
    const { speedUp } = predict({ acceptance, cost: Math.max(0, breakEvenCost), verifyCosts });
    assert.ok(breakEvenCost < 0 || Math.abs(speedUp - 1) < 1e-12, `${acceptance}: ${speedUp}`);
  }
});

test('the published gemma-2-9b is a slow-down: acceptance 0.41 breaks even at a cost of 0.41', () => {
  const verifyCosts = new Array(8).fill(1);
  const { breakEvenCost, speedUp } = predict({ acceptance: 0.41, cost: 0.6, verifyCosts });
  assert.ok(Math.abs(breakEvenCost - 0.41) < 1e-9);
  assert.ok(speedUp < 0.9, `${speedUp}`);
});

test('a perfect draft that costs nothing is drafted in full; a useless one is kept short', () => {
  const verifyCosts = [1, 1, 1];
  assert.deepEqual(predict({ acceptance: 1, cost: 0, verifyCosts }).gamma, 3);
  assert.equal(predict({ acceptance: 1, cost: 0, verifyCosts }).speedUp, 4);
  assert.deepEqual(predict({ acceptance: 0, cost: 0.5, verifyCosts }).gamma, 1);
});
