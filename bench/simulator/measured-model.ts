// This machine as the simulator knows it: the costs and the traffic of one run of the load bench.
import { GoodputKnowledge } from '#libs/speculative/index.js';
import type { LoadCell, Mode } from '../load/cell.js';
import { trafficSeed } from '../load/cell-plans.js';
import { groupedBy } from '../load/grouped-by.js';
import { tokensPerRound, tokensPerSecond } from '../load/law.js';
import { sessionSeed } from '../load/traffic.js';
import type { LoadResult } from '../load.js';
import { median } from '../statistics.js';
import { measuredCurves, mostSlots } from './measured-curves.js';
import type { RecordedRequests } from './recorded-requests.js';
import { type RunOptions, type SimulatedRun, type SystemOptions, simulate } from './simulation.js';

const CHECKED: RunOptions = { warmUpMs: 5_000, windowMs: 60_000 };
/** The fit looks at loads that aren't all queueing. */
const FITTED_SESSIONS = 8;
const FIT_STEPS = 7;
/** Of a forward: of a single sequence, and of a batch (OUTRIDER_BATCH_TOKENS). */
const MAX_ROWS = { single: 256, batch: 64 };
const SESSIONS_PER_VERIFIER = 8;
const VERIFIERS_PER_GATEWAY = 16;

/** One closed-loop cell of the load bench, medians over its repeats. */
export interface MeasuredCell {
  readonly sessions: number;
  readonly mode: Mode;
  readonly tokensPerRound: number;
  readonly measured: { readonly tokensPerSecond: number; readonly tokenMs: number };
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
        measured: {
          tokensPerSecond: median(cells.map(tokensPerSecond)),
          tokenMs: median(cells.map(({ latencies }) => latencies.meanTokenMs)),
        },
      };
    });
  }

  predict(sessions: number, mode: Mode, kept: number): SimulatedRun {
    const { cores } = this.load.machine;
    const alone = this.#system(mode);
    const verifier = { ...alone.verifier, isMeasuredInCompany: true };
    const system: SystemOptions = { ...alone, verifier, sessions, placement: 'one', cores };
    return this.run(system, mode, kept, CHECKED, trafficSeed({ sessions }, 0));
  }

  run(system: SystemOptions, mode: Mode, kept: number, options: RunOptions, seed = 1): SimulatedRun {
    const knowledge = Array.from({ length: system.verifiers }, () => new GoodputKnowledge());
    const requestsOf = (session: number, verifier: number) =>
      this.requests.of(
        sessionSeed(seed, session),
        this.load.maxTokens,
        kept,
        mode === 'plain' ? undefined : knowledge[verifier]!,
      );
    return simulate(system, this.#curves, requestsOf, options);
  }

  /** The acceptance of sampled answers with which tokens a round agree with those measured. */
  fit(cells: readonly MeasuredCell[]): number {
    const fitted = cells.filter(
      ({ mode, sessions }) => mode === 'speculative' && sessions <= FITTED_SESSIONS,
    );
    const excess = (kept: number) =>
      fitted.reduce(
        (sum, cell) =>
          sum + this.predict(cell.sessions, 'speculative', kept).tokensPerRound - cell.tokensPerRound,
        0,
      );
    let [low, high] = [0, 1];
    for (let step = 0; step < FIT_STEPS; step++) {
      const middle = (low + high) / 2;
      if (excess(middle) > 0) high = middle;
      else low = middle;
    }
    return (low + high) / 2;
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
