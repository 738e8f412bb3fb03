// The simulator's curves, from what the load bench measured.
import type { LoadResult } from '../load.js';
import { median } from '../statistics.js';
import { type Curves, forwardCurve } from './curves.js';

/** What a second sequence adds to a draft's step, as a share of the step; the bench measures single ones only. */
const DRAFT_BATCH_SHARE = 1;

/** A prompt's token at the draft, as a share of a step: many go through at once. The default draft takes 0.3 ms. */
const DRAFT_READ_SHARE = 0.36;

export function measuredCurves({ costs, cells }: LoadResult): Curves {
  const busy = cells.filter(({ load, counters }) => 'sessions' in load && counters.rounds > 0);
  const perRound = (part: 'gateway' | 'clients') =>
    median(busy.map(({ cpuMs, counters }) => cpuMs[part] / counters.rounds));
  return {
    forwardMs: forwardCurve(costs.forwards),
    draftStepMs: (sequences) => costs.draftStepMs * (1 + DRAFT_BATCH_SHARE * (sequences - 1)),
    draftReadMs: DRAFT_READ_SHARE * costs.draftStepMs,
    draftFixedMs: costs.draftFixedMs,
    draftHopMs: costs.draftHopMs,
    verifyOverheadMs: costs.verifyOverheadMs,
    requestMs: costs.requestMs ?? 0,
    gatewayMs: perRound('gateway'),
    clientMs: perRound('clients'),
  };
}

/** Sequences that forwards of this run could hold: under much load nearly all are full. */
export function mostSlots({ costs, cells }: LoadResult): number {
  const means = cells.flatMap(({ round }) => (round === undefined ? [] : [Math.ceil(round.batchSize)]));
  return Math.max(1, ...costs.forwards.map(({ slots }) => slots), ...means);
}
