// This machine as the simulator knows it: the costs and the traffic of one run of the load bench.
import type { Mode } from '../load/cell.js';
import { trafficSeed } from '../load/cell-plans.js';
import { sessionSeed } from '../load/traffic.js';
import type { LoadResult } from '../load.js';
import { Lessons } from './lessons.js';
import type { MeasuredCell } from './measured-cells.js';
import { measuredCurves, mostSlots } from './measured-curves.js';
import type { SystemOptions } from './places.js';
import type { RecordedRequests } from './recorded-requests.js';
import { type RunOptions, type SimulatedRun, simulate } from './simulation.js';

const START_SHARE = 0.3;
/** Of a forward: of a single sequence, and of a batch (OUTRIDER_BATCH_TOKENS). */
const MAX_ROWS = { single: 256, batch: 64 };
const SESSIONS_PER_VERIFIER = 8;
const VERIFIERS_PER_GATEWAY = 16;

export class MeasuredModel {
  readonly #curves;

  constructor(
    readonly load: LoadResult,
    private readonly requests: RecordedRequests,
  ) {
    this.#curves = measuredCurves(load);
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
