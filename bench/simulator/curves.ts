// What things cost, measured once: the only numbers that the simulator believes.
import type { ForwardTime } from '../load/cost-table.js';
import { fittedPlane } from './plane.js';

/** All in milliseconds. */
export interface Curves {
  forwardMs(rows: number, slots: number): number;
  /** One token for each of so many sequences. */
  draftStepMs(sequences: number): number;
  /** One token of a prompt. */
  readonly draftReadMs: number;
  /** Of a proposal, beyond its steps. */
  readonly draftFixedMs: number;
  /** Asking a draft on the same machine and hearing its answer, beyond the draft's own time. */
  readonly draftHopMs: number;
  /** Of a verification beyond its forward, in the verifier's thread: of each row of logits. */
  readonly verifyOverheadMs: number;
  /** Of a request beyond its rounds: on its way in, and until its end is known. */
  readonly requestMs: number;
  /** Processor time of a round in the gateway, and in the client. */
  readonly gatewayMs: number;
  readonly clientMs: number;
}

/**
 * Forward times between and beyond those measured. Of a single sequence: along its rows. Of several: the plane of sequences
 * and rows that fits best, since the linear layers see rows and attention sees sequences.
 */
export function forwardCurve(times: readonly ForwardTime[]): Curves['forwardMs'] {
  const single = pointsOf(times.filter(({ slots }) => slots === 1));
  const several = times.filter(({ slots }) => slots > 1);
  const plane = fittedPlane(several.map((time) => ({ ...time, ms: time.forwardMs, weight: time.rounds })));
  const alone = (rows: number) => interpolated(single, rows);
  return (rows, slots) => (slots === 1 || several.length === 0 ? alone(rows) : plane(rows, slots));
}

/** By rows, of which more never cost less: what says otherwise is noise. */
function pointsOf(times: readonly ForwardTime[]): Point[] {
  const byRows = new Map<number, { sum: number; weight: number }>();
  for (const { rows, forwardMs, rounds } of times) {
    const entry = byRows.get(rows) ?? { sum: 0, weight: 0 };
    entry.sum += rounds * forwardMs;
    entry.weight += rounds;
    byRows.set(rows, entry);
  }
  const points = [...byRows]
    .map(([rows, { sum, weight }]) => ({ rows, ms: sum / weight }))
    .sort((a, b) => a.rows - b.rows);
  for (let i = 1; i < points.length; i++) points[i]!.ms = Math.max(points[i]!.ms, points[i - 1]!.ms);
  return points;
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
