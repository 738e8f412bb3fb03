// This machine as the simulator knows it: the costs and the traffic of one run of the load bench.
import type { LoadCell, Mode } from '../load/cell.js';
import { trafficSeed } from '../load/cell-plans.js';
import { groupedBy } from '../load/grouped-by.js';
import { tokensPerRound, tokensPerSecond } from '../load/law.js';
import { sessionSeed } from '../load/traffic.js';
import type { LoadResult } from '../load.js';
import { median } from '../statistics.js';
import { Lessons } from './lessons.js';
import { measuredCurves, mostSlots } from './measured-curves.js';
import type { RecordedRequests } from './recorded-requests.js';
import { type RunOptions, type SimulatedRun, type SystemOptions, simulate } from './simulation.js';

/** What results that don't say it had: warm-up to window. */
const OLD_WARM_UP = 3 / 7;
const START_SHARE = 0.3;
/** Of a forward: of a single sequence, and of a batch (OUTRIDER_BATCH_TOKENS). */
const MAX_ROWS = { single: 256, batch: 64 };
const FEWEST_FINISHED = 6;
/** A machine of which others use more is another machine than the one that costs were measured on. */
export const MOST_OTHERS = 0.15;
const SESSIONS_PER_VERIFIER = 8;
const VERIFIERS_PER_GATEWAY = 16;

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

export class MeasuredModel {
  readonly #curves;

  constructor(
    readonly load: LoadResult,
    private readonly requests: RecordedRequests,
  ) {
    this.#curves = measuredCurves(load);
  }

  /** Medians over the repeats. */
  closedCells(): MeasuredCell[] {
    const closed = this.load.cells.filter(({ load }) => 'sessions' in load);
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

  /** The cells one after the other, as they were measured: what a verifier learns in one it knows in the next. */
  async predict(cells: readonly MeasuredCell[]): Promise<SimulatedRun[]> {
    const { cores } = this.load.machine;
    const lessons = new Lessons();
    const runs: SimulatedRun[] = [];
    for (const { sessions, mode, warmUpMs, windowMs } of cells) {
      const alone = this.#system(mode);
      const verifier = { ...alone.verifier, isMeasuredInCompany: true };
      const system: SystemOptions = { ...alone, verifier, sessions, placement: 'one', cores };
      const startMs = this.load.mix?.startsShort ? START_SHARE * warmUpMs : 0;
      const times = { warmUpMs, windowMs, startMs };
      runs.push(await this.#run(system, mode, times, trafficSeed({ sessions }, 0), [lessons]));
    }
    return runs;
  }

  run(system: SystemOptions, mode: Mode, options: RunOptions): Promise<SimulatedRun> {
    const lessons = Array.from({ length: system.verifiers }, () => new Lessons());
    return this.#run(system, mode, options, 1, lessons);
  }

  #run(
    system: SystemOptions,
    mode: Mode,
    options: RunOptions,
    seed: number,
    lessons: readonly Lessons[],
  ): Promise<SimulatedRun> {
    const { maxTokens, mix, costs } = this.load;
    const seen = lessons.map(() => new Set<string>());
    const requestsOf = (session: number, verifier: number) => {
      const stream = { seed: sessionSeed(seed, session), mix };
      return this.requests.of(stream, seen[verifier]!, maxTokens, costs.acceptance, lessons[verifier]!, mode);
    };
    return simulate(system, this.#curves, requestsOf, options);
  }

  /** One of each. */
  #system(mode: Mode): SystemOptions {
    const slots = mostSlots(this.load);
    return {
      gateways: 1,
      verifiers: 1,
      drafts: mode === 'plain' ? 0 : 1,
      sessions: 1,
      placement: 'apart',
      draftPlace: this.load.draftPlace ?? 'process',
      cores: this.load.machine.cores,
      gatewayRttMs: 0.1,
      draftRttMs: 0,
      verifier: {
        threads: this.load.machine.cores,
        maxSlots: slots,
        maxRows: slots > 1 ? MAX_ROWS.batch : MAX_ROWS.single,
      },
      draftBatch: 1,
    };
  }

  /** Verifiers on machines like this one, sessions in proportion. */
  cluster(verifiers: number, mode: Mode): SystemOptions {
    return {
      ...this.#system(mode),
      verifiers,
      gateways: Math.ceil(verifiers / VERIFIERS_PER_GATEWAY),
      drafts: mode === 'plain' ? 0 : verifiers,
      sessions: SESSIONS_PER_VERIFIER * verifiers,
      gatewayRttMs: 1,
      draftRttMs: 1,
    };
  }
}
