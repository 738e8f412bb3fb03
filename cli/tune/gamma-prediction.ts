// What a length controller would bring: a recording of what the draft drafts and the target accepts, played through the
// controller itself at the costs that were measured.
import {
  type CostLaw,
  controllerOf,
  GammaLessons,
  type GammaSetting,
  type Replay,
  replay,
} from '#libs/speculative/index.js';
import { type GammaRecording, LONGEST_DRAFT } from '#libs/tuning/index.js';

/** The setting of requests that choose nothing. */
export const UNTUNED: GammaSetting = { controller: 'goodput', maxTokens: 8 };

/**
 * Times the rate of plain decoding, when the controller has learned what it learns.
 * @param lessons Filled by this call.
 */
export function predictedSpeedUp(
  recording: GammaRecording,
  setting: GammaSetting,
  lessons: GammaLessons = new GammaLessons(),
): number {
  played(recording, setting, lessons);
  const { tokens, ms } = played(recording, setting, lessons);
  return (tokens * recording.plainMs) / ms;
}

function played(recording: GammaRecording, setting: GammaSetting, lessons: GammaLessons): Replay {
  const law = costLaw(recording);
  const sum = { tokens: 0, ms: 0, rounds: 0, drafted: 0 };
  for (const trace of recording.traces) {
    const one = replay(trace, controllerOf(setting, lessons), law);
    for (const key of Object.keys(sum) as (keyof Replay)[]) sum[key] += one[key];
  }
  return sum;
}

export interface LengthPrediction {
  /** Share of positions at which the draft's first token is right. */
  readonly acceptance: number;
  /** Time of a drafted token as a share of a plain round, at the best constant length. */
  readonly cost: number;
  /** The cost at which the best constant length for it neither gains nor loses. */
  readonly breakEvenCost: number;
  /** Speed-up of 1, 2, … tokens a draft. [LONGEST_DRAFT] */
  readonly constants: readonly number[];
}

export function predictLengths(recording: GammaRecording): LengthPrediction {
  const { traces, plainMs } = recording;
  const law = costLaw(recording);
  let best = { speedUp: 0, cost: 0 };
  let breakEvenCost = Number.NEGATIVE_INFINITY;
  const constants: number[] = [];
  for (let length = 1; length <= LONGEST_DRAFT; length++) {
    const { tokens, ms, rounds } = played(
      recording,
      { controller: 'constant', maxTokens: length },
      new GammaLessons(),
    );
    const speedUp = (tokens * plainMs) / ms;
    constants.push(speedUp);
    if (speedUp > best.speedUp) best = { speedUp, cost: law.draftMs(length) / (length * plainMs) };
    breakEvenCost = Math.max(breakEvenCost, (tokens / rounds - law.restMs(length) / plainMs) / length);
  }
  // The last position of a trace drafts nothing.
  const judged = traces.flatMap(({ accepted }) => accepted.slice(0, -1));
  const right = judged.filter((accepted) => accepted > 0).length;
  return { acceptance: right / Math.max(1, judged.length), cost: best.cost, breakEvenCost, constants };
}

function costLaw({ plainMs, draftMs, restMs }: GammaRecording): CostLaw {
  return { plainMs, draftMs: along(draftMs), restMs: along(restMs), noise: () => 1 };
}

/** Straight between the measured points, and on beyond them. */
function along(points: readonly (readonly [number, number])[]): (n: number) => number {
  return (n) => {
    const above = points.findIndex(([x]) => x >= n);
    const at = Math.min(Math.max(1, above < 0 ? points.length - 1 : above), points.length - 1);
    const [x, y] = points[at]!;
    const [left, low] = points[Math.max(0, at - 1)]!;
    return x === left ? y : Math.max(0, low + ((n - left) * (y - low)) / (x - left));
  };
}
