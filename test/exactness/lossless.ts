// The product's promise: whatever the draft is and does, the generated sequences follow the target's law, in each mode.
// Each case generates its sequences with seeds 0, 1, 2, … and is therefore the same on every run.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VerificationMode } from '#libs/sampling/index.js';
import { CASES } from './cases.js';
import { summary } from './simulate.js';
import { simulateInThread } from './thread.js';

/** A false alarm in one of 10,000 cases. */
const MIN_P_VALUE = 1e-4;

/** One test a case; a spec file a mode, so that they run side by side. */
export function testLosslessness(verification: VerificationMode): void {
  for (const [name, { wrap }] of Object.entries(CASES))
    test(`${verification}: sequences follow the target's law: ${name}`, async (t) => {
      const result = await simulateInThread({ suite: 'cases', name, verification });
      t.diagnostic(`${name}: ${summary(result)}`);
      assert.ok(result.pValue >= MIN_P_VALUE, summary(result));
      assert.ok(result.metrics.num_draft_tokens > 0, 'the draft took part');
      assert.equal(result.failedDrafts > 0, wrap !== undefined);
    });
}
