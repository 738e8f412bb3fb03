// A test that cannot fail proves nothing: the same test must catch each plausible mistake, in each mode.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VerificationMode } from '#libs/sampling/index.js';
import { CONTROLS } from './controls.js';
import { PENALTY_CONTROLS } from './penalty-controls.js';
import { summary } from './simulate.js';
import { type SimulationName, simulateInThread } from './thread.js';

const MAX_P_VALUE = 1e-12;

function testControls(
  suite: SimulationName['suite'],
  verification: VerificationMode,
  controls: Readonly<Record<string, { readonly isExact?: true }>>,
): void {
  for (const [name, { isExact }] of Object.entries(controls))
    test(`${verification} ${isExact ? 'stays exact' : 'is caught'}: ${name}`, async (t) => {
      const result = await simulateInThread({ suite, name, verification });
      t.diagnostic(`${name}: ${summary(result)}`);
      if (isExact) assert.ok(result.pValue > 1e-4, summary(result));
      else assert.ok(result.pValue < MAX_P_VALUE, summary(result));
    });
}

for (const verification of ['ratio', 'block', 'coupled'] as const)
  testControls('controls', verification, CONTROLS[verification]);
// What the history decides is decided before any rule: the controls of one mode speak for all.
testControls('penalty-controls', 'ratio', PENALTY_CONTROLS);
