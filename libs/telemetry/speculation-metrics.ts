// What speculation brings, counted so that the usual figures are one PromQL line each:
//   acceptance rate         rate(…spec_decode_num_accepted_tokens_total[5m]) / rate(…spec_decode_num_draft_tokens_total[5m])
//   mean acceptance length  1 + rate(…spec_decode_num_accepted_tokens_total[5m]) / rate(…spec_decode_num_drafts_total[5m])
import { Counter, type Registry } from 'prom-client';
import { BoundedCounter } from './bounded-counter.js';

/** Why a round went on without its draft. */
export const DRAFT_FAILURE_REASONS = [
  'deadline_exceeded',
  'unavailable',
  'invalid_proposal',
  'vocabulary_mismatch',
  'resource_exhausted',
  'other',
] as const;
export type DraftFailureReason = (typeof DRAFT_FAILURE_REASONS)[number];

/** Positions with a series of their own; a draft longer than that counts in the last one. */
export const MAX_POSITIONS = 32;

export interface RoundOutcome {
  /** Tokens drafted in the round. */
  readonly drafted: number;
  /** How many of them were accepted, from the first on. */
  readonly accepted: number;
}

export interface SpeculationMetrics {
  /** Counts one round; a round without a draft counts nothing. */
  observeRound(outcome: RoundOutcome): void;
  readonly draftFailures: BoundedCounter<DraftFailureReason>;
}

export function createSpeculationMetrics(prefix: string, register: Registry): SpeculationMetrics {
  const registers = [register];
  const counter = (name: string, help: string) =>
    new Counter({ name: `${prefix}_spec_decode_${name}_total`, help, registers });
  const drafts = counter('num_drafts', 'Rounds that had a draft.');
  const draftTokens = counter('num_draft_tokens', 'Drafted tokens.');
  const acceptedTokens = counter('num_accepted_tokens', 'Drafted tokens that the target accepted.');
  const acceptedPerPosition = new Counter({
    name: `${prefix}_spec_decode_num_accepted_tokens_per_pos_total`,
    help: 'Accepted tokens by their position in the draft, from 0.',
    labelNames: ['position'],
    registers,
  });
  return {
    draftFailures: new BoundedCounter({
      name: `${prefix}_draft_failures_total`,
      help: 'Rounds that went on without their draft, by reason.',
      labelName: 'reason',
      values: DRAFT_FAILURE_REASONS,
      register,
    }),
    observeRound({ drafted, accepted }) {
      if (drafted <= 0) return;
      drafts.inc();
      draftTokens.inc(drafted);
      acceptedTokens.inc(accepted);
      for (let position = 0; position < accepted; position++)
        acceptedPerPosition.inc({ position: Math.min(position, MAX_POSITIONS - 1) });
    },
  };
}
