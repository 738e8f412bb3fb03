import assert from 'node:assert/strict';
import { test } from 'node:test';
import { draftFailureReason } from './draft-failure-reason.js';

test('a failure is counted under the reason that its error code stands for, never under its text', () => {
  assert.equal(draftFailureReason('deadline_exceeded: no proposal within 1 ms'), 'deadline_exceeded');
  assert.equal(draftFailureReason('unavailable: 10.0.0.7:50053 refused'), 'unavailable');
  assert.equal(draftFailureReason('invalid_proposal: q row 0: probabilities sum to 2'), 'invalid_proposal');
  assert.equal(draftFailureReason('failed_precondition: another vocabulary'), 'vocabulary_mismatch');
  for (const text of ['', 'constructor: x', 'no colon', 'toString: y'])
    assert.equal(draftFailureReason(text), 'other');
});
