// A test that cannot fail proves nothing: the same test must catch each plausible mistake.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONTROLS } from './controls.js';
import { PENALTY_CONTROLS } from './penalty-controls.js';
import { summary } from './simulate.js';
import { simulateInThread } from './thread.js';

const MAX_P_VALUE = 1e-12;

const SUITES = { controls: CONTROLS, 'penalty-controls': PENALTY_CONTROLS };

for (const suite of ['controls', 'penalty-controls'] as const)
  for (const [name, { isExact }] of Object.entries(SUITES[suite]))
    test(`${isExact ? 'stays exact' : 'is caught'}: ${name}`, async (t) => {
      const result = await simulateInThread({ suite, name, verification: 'ratio' });
      t.diagnostic(`${name}: ${summary(result)}`);
      if (isExact) assert.ok(result.pValue > 1e-4, summary(result));
      else assert.ok(result.pValue < MAX_P_VALUE, summary(result));
    });
