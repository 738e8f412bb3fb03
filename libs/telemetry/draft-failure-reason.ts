// From a round's account of its missing draft ("<error code>: <message>") to a metric's label, of which there are few.
import type { DraftFailureReason } from './speculation-metrics.js';

const REASONS: Readonly<Record<string, DraftFailureReason>> = {
  deadline_exceeded: 'deadline_exceeded',
  unavailable: 'unavailable',
  draining: 'unavailable',
  cancelled: 'unavailable',
  internal: 'invalid_proposal',
  invalid_proposal: 'invalid_proposal',
  failed_precondition: 'vocabulary_mismatch',
  resource_exhausted: 'resource_exhausted',
};

export function draftFailureReason(failure: string): DraftFailureReason {
  const code = failure.slice(0, Math.max(failure.indexOf(':'), 0));
  return Object.hasOwn(REASONS, code) ? REASONS[code]! : 'other';
}
