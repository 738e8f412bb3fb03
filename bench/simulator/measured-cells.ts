// The closed-loop cells of a run of the load bench: what the simulator is checked against.
import type { LoadCell, Mode } from '../load/cell.js';
import { groupedBy } from '../load/grouped-by.js';
import { tokensPerRound, tokensPerSecond } from '../load/law.js';
import type { LoadResult } from '../load.js';
import { median } from '../statistics.js';

/** What results that don't say it had: warm-up to window. */
const OLD_WARM_UP = 3 / 7;
const FEWEST_FINISHED = 6;
/** A machine of which others use more is another machine than the one that costs were measured on. */
export const MOST_OTHERS = 0.15;

/** One closed-loop cell of the load bench, medians over its repeats. */
export interface MeasuredCell {
  readonly sessions: number;
  readonly mode: Mode;
  readonly tokensPerRound: number;
  /** Of the machine, used by anything else meanwhile; undefined in results that don't say. */
  readonly otherCores?: number | undefined;
  /** Whether enough requests finished, undisturbed, for the cell to say what such a load brings. */
  readonly isSteady: boolean;
  /** As measured: caches fill in the course of it. */
  readonly warmUpMs: number;
  readonly windowMs: number;
  readonly measured: { readonly tokensPerSecond: number; readonly tokenMs: number };
}

/** In a window in which few finish, what happens to begin or end decides. */
function isSteady(cell: LoadCell): boolean {
  const { load, requests } = cell;
  const sessions = 'sessions' in load ? load.sessions : 0;
  if ((otherCores(cell) ?? 0) > MOST_OTHERS) return false;
  return requests.finished >= Math.max(FEWEST_FINISHED, sessions / 2);
}

function otherCores({ othersMs, windowMs }: LoadCell): number | undefined {
  return othersMs === undefined ? undefined : othersMs / windowMs;
}

/** Medians over the repeats, in the order in which they were measured. */
export function closedCells(load: LoadResult): MeasuredCell[] {
  const closed = load.cells.filter((cell) => 'sessions' in cell.load);
  const groups = groupedBy(closed, ({ load, mode }) => JSON.stringify([load, mode]));
  return [...groups.values()].map((cells) => {
    const [{ load, mode }] = cells as [LoadCell];
    return {
      sessions: (load as { readonly sessions: number }).sessions,
      mode,
      tokensPerRound: median(cells.map(tokensPerRound)),
      otherCores: cells.every(({ othersMs }) => othersMs !== undefined)
        ? median(cells.map((cell) => otherCores(cell)!))
        : undefined,
      isSteady: cells.every((cell) => isSteady(cell)),
      warmUpMs: median(cells.map(({ warmUp, windowMs }) => warmUp?.ms ?? OLD_WARM_UP * windowMs)),
      windowMs: median(cells.map(({ windowMs }) => windowMs)),
      measured: {
        tokensPerSecond: median(cells.map(tokensPerSecond)),
        tokenMs: median(cells.map(({ latencies }) => latencies.meanTokenMs)),
      },
    };
  });
}
