import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LossBudget } from './loss-budget.js';
import { RoundCosts } from './round-costs.js';

/** A plain round takes 10 ms, one with n drafted tokens 10 + 5 n. */
function costs(): RoundCosts {
  const learned = new RoundCosts();
  for (let i = 0; i < 400; i++) {
    learned.observe({ drafted: 0, draftMs: 0, restMs: 10 });
    for (const drafted of [1, 4, 8]) learned.observe({ drafted, draftMs: 4 * drafted, restMs: 10 + drafted });
  }
  return learned;
}

test('a draft may lose what is left and no more, and plain rounds earn it again', () => {
  const law = costs();
  const budget = new LossBudget({ first: 1.05, share: 0.1 });
  assert.equal(budget.clip(8, law), 2);
  budget.observe({ drafted: 2, accepted: 0 }, law);
  assert.equal(budget.clip(8, law), 0);
  for (let round = 0; round < 4; round++) budget.observe({ drafted: 0, accepted: 0 }, law);
  assert.equal(budget.clip(8, law), 1);
});

test('what drafts won is theirs to lose', () => {
  const law = costs();
  const budget = new LossBudget({ first: 0.55, share: 0.02 });
  assert.equal(budget.clip(8, law), 1);
  budget.observe({ drafted: 1, accepted: 1 }, law);
  assert.equal(budget.clip(8, law), 2);
  for (let round = 0; round < 3; round++) budget.observe({ drafted: 2, accepted: 2 }, law);
  assert.equal(budget.clip(8, law), 8);
});
