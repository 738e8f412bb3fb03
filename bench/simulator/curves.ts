// What things cost, measured once: the only numbers that the simulator believes.
import type { ForwardTime } from '../load/forward-times.js';

/** All in milliseconds. */
export interface Curves {
  forwardMs(rows: number, slots: number): number;
  /** One token for each of so many sequences. */
  draftStepMs(sequences: number): number;
  /** Of a proposal, beyond its steps. */
  readonly draftFixedMs: number;
  /** Asking a draft on the same machine and hearing its answer, beyond the draft's own time. */
  readonly draftHopMs: number;
  /** Of a verification beyond its forward, in the verifier's thread. */
  readonly verifyOverheadMs: number;
  /** Processor time of a round in the gateway, and in the client. */
  readonly gatewayMs: number;
  readonly clientMs: number;
}

/** Forward times between and beyond those measured: a line through rows and slots, and what it leaves, by rows. */
export function forwardCurve(times: readonly ForwardTime[]): Curves['forwardMs'] {
  const slotMs = slotCost(times);
  const byRows = new Map<number, { sum: number; weight: number }>();
  for (const { rows, slots, forwardMs, rounds } of times) {
    const entry = byRows.get(rows) ?? { sum: 0, weight: 0 };
    entry.sum += rounds * (forwardMs - slotMs * (slots - 1));
    entry.weight += rounds;
    byRows.set(rows, entry);
  }
  const points = [...byRows]
    .map(([rows, { sum, weight }]) => ({ rows, ms: sum / weight }))
    .sort((a, b) => a.rows - b.rows);
  // More rows never cost less: what says otherwise is noise.
  for (let i = 1; i < points.length; i++) points[i]!.ms = Math.max(points[i]!.ms, points[i - 1]!.ms);
  return (rows, slots) => interpolated(points, rows) + slotMs * (slots - 1);
}

interface Point {
  readonly rows: number;
  ms: number;
}

function interpolated(points: readonly Point[], rows: number): number {
  const above = points.findIndex((point) => point.rows >= rows);
  if (above === 0 || points.length === 1) return points[0]!.ms;
  const [low, high] = above < 0 ? outermost(points) : [points[above - 1]!, points[above]!];
  return low.ms + ((high.ms - low.ms) * (rows - low.rows)) / (high.rows - low.rows);
}

/** The slope beyond the last point: from well before it, or two noisy neighbours would decide. */
function outermost(points: readonly Point[]): [Point, Point] {
  const last = points.at(-1)!;
  const before = points.findLast(({ rows }) => rows <= last.rows / 2) ?? points[0]!;
  return [before, last];
}

/** What one more sequence costs at the same number of rows; 0 if no forward held several. */
function slotCost(times: readonly ForwardTime[]): number {
  const several = times.filter(({ slots }) => slots > 1);
  const single = times.filter(({ slots }) => slots === 1).sort((a, b) => a.rows - b.rows);
  if (several.length === 0 || single.length === 0) return 0;
  const points = single.map(({ rows, forwardMs }) => ({ rows, ms: forwardMs }));
  let [more, weight] = [0, 0];
  for (const { rows, slots, forwardMs, rounds } of several) {
    if (rows > points.at(-1)!.rows) continue;
    more += (rounds * (forwardMs - interpolated(points, rows))) / (slots - 1);
    weight += rounds;
  }
  return weight === 0 ? 0 : Math.max(0, more / weight);
}
