// Every source of drafts × every verification mode, through the real round loop: the target's law, and what must be caught.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summary } from './simulate.js';
import { mistakeName, SOURCES, TRUSTED } from './sources.js';
import { simulateInThread } from './thread.js';

const MIN_P_VALUE = 1e-4;
const MAX_P_VALUE = 1e-12;

for (const verification of ['ratio', 'block', 'coupled'] as const)
  for (const [source, { mistakes = {}, mayFail = false }] of Object.entries(SOURCES)) {
    const simulated = async (name: string) => {
      const result = await simulateInThread({ suite: 'sources', name, verification });
      assert.equal(result.failedDrafts > 0, mayFail, summary(result));
      return result;
    };

    test(`${verification}: ${source} keeps the target's law`, async (t) => {
      const result = await simulated(source);
      t.diagnostic(summary(result));
      assert.ok(result.pValue >= MIN_P_VALUE, summary(result));
      assert.ok(result.metrics.draft_acceptance_rate > 0.05, summary(result));
    });

    const caught = Object.entries(mistakes).filter(([, { breaks }]) => breaks.includes(verification));
    for (const mistake of [TRUSTED, ...caught.map(([name]) => name)])
      test(`${verification} is caught: ${mistakeName(source, mistake)}`, async (t) => {
        const result = await simulated(mistakeName(source, mistake));
        t.diagnostic(summary(result));
        assert.ok(result.pValue < MAX_P_VALUE, summary(result));
      });
  }
