// Which cells are measured, for how long, and in which order: every load plain and speculative one right after the other,
// the order changing from load to load, so that a machine that drifts disturbs both alike.
import type { CellPlan, Mode } from './cell.js';
import type { Load } from './traffic.js';

export interface PlanOptions {
  /** Of the whole run, forward times included. */
  readonly minutes: number;
  readonly sessions: readonly number[];
  readonly repeats: number;
  /** Whether requests that come at random times are measured too. */
  readonly open: boolean;
}

/** Rates of the open loop, as shares of the requests a second that the closed loop could serve plainly. */
export const RATE_SHARES = [0.4, 0.7, 1] as const;
/** Part of the time in which costs are measured. */
export const COSTS_SHARE = 0.2;
/** Part of it that cells don't get: costs, starting, waiting for the last forwards. */
const OVERHEAD_SHARE = COSTS_SHARE + 0.12;
const WARM_UP_SHARE = 0.4;
const MOST_WEIGHING = 32;
const OPEN_WEIGHT = 1.2;

/**
 * With many sessions a request takes long, and the window must hold some from begin to end. With many more than fit into a
 * forward none is long enough for that: they needn't get more.
 */
function weightOf(load: Load): number {
  return 'sessions' in load ? 1.5 + Math.sqrt(Math.min(load.sessions, MOST_WEIGHING)) / 3 : OPEN_WEIGHT;
}

export function closedPlans(options: PlanOptions): CellPlan[] {
  return plans(
    options.sessions.map((sessions) => ({ sessions })),
    options,
  );
}

/** @param capacity Requests a second that the closed loop served plainly at best. */
export function openPlans(options: PlanOptions, capacity: number): CellPlan[] {
  return plans(
    RATE_SHARES.map((share) => ({ requestsPerSecond: share * capacity })),
    options,
  );
}

/** Of what is asked in a cell: the same for both modes. */
export function trafficSeed(load: Load, repeat: number): number {
  const size = 'sessions' in load ? load.sessions : Math.round(100 * load.requestsPerSecond);
  return 1 + size + 1000 * repeat;
}

function plans(loads: readonly Load[], options: PlanOptions): CellPlan[] {
  const unitMs = unitOf(options);
  const all: CellPlan[] = [];
  for (let repeat = 0; repeat < options.repeats; repeat++)
    for (const [i, load] of loads.entries()) {
      const modes: Mode[] = ['plain', 'speculative'];
      if ((repeat + i) % 2 === 1) modes.reverse();
      const ms = unitMs * weightOf(load);
      for (const mode of modes)
        all.push({ load, mode, repeat, warmUpMs: WARM_UP_SHARE * ms, windowMs: (1 - WARM_UP_SHARE) * ms });
    }
  return all;
}

/** Milliseconds of a cell of weight 1. */
function unitOf({ minutes, sessions, repeats, open }: PlanOptions): number {
  const openWeights = open ? RATE_SHARES.length * OPEN_WEIGHT : 0;
  const weights = sessions.reduce((sum, each) => sum + weightOf({ sessions: each }), openWeights);
  return ((1 - OVERHEAD_SHARE) * minutes * 60_000) / (2 * repeats * weights);
}
