// How a system grows: what it serves with 1 … 1,000 verifiers, by where the drafts are and how many gateways there are.
import type { Mode } from '../load/cell.js';
import type { MeasuredModel } from './measured-model.js';
import type { SystemOptions } from './places.js';
import type { RunOptions, SimulatedRun } from './simulation.js';

export interface Scaling {
  readonly name: string;
  readonly points: readonly { readonly verifiers: number; readonly run: SimulatedRun }[];
}

const VERIFIERS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
const SCALED: RunOptions = { warmUpMs: 1_000, windowMs: 1_000 };

const VARIANTS: readonly {
  readonly name: string;
  readonly mode: Mode;
  readonly change: Partial<SystemOptions>;
}[] = [
  { name: 'plain', mode: 'plain', change: {} },
  { name: 'draft beside its verifier', mode: 'speculative', change: { placement: 'pairs', draftRttMs: 0 } },
  { name: 'drafts apart, 1 ms', mode: 'speculative', change: {} },
  { name: 'drafts apart, 20 ms', mode: 'speculative', change: { draftRttMs: 20 } },
  { name: 'the same, verifiers 10× as fast', mode: 'speculative', change: { verifierScale: 0.1 } },
  { name: 'drafts 1 ms, one gateway', mode: 'speculative', change: { gateways: 1 } },
];

export async function scalings(model: MeasuredModel): Promise<Scaling[]> {
  const all: Scaling[] = [];
  for (const { name, mode, change } of VARIANTS) {
    const points: Scaling['points'][number][] = [];
    for (const verifiers of VERIFIERS) {
      const run = await model.run({ ...model.cluster(verifiers, mode), ...change }, mode, SCALED);
      process.stderr.write(`${name}: ${verifiers} verifiers, ${run.tokensPerSecond.toFixed(0)} tokens/s\n`);
      points.push({ verifiers, run });
    }
    all.push({ name, points });
  }
  return all;
}
