// Question: what would N gateways, M verifiers and K drafts serve? Simulated from the costs that the load bench measured on
// this machine and from recorded acceptance; first checked against what the load bench saw here.
import type { LoadResult } from './load.js';
import { closedCells, type MeasuredCell } from './simulator/measured-cells.js';
import { MeasuredModel } from './simulator/measured-model.js';
import { RecordedRequests } from './simulator/recorded-requests.js';
import { type Scaling, scalings } from './simulator/scaling.js';
import type { SimulatedRun } from './simulator/simulation.js';

export interface SimulateResult {
  readonly kind: 'simulate';
  readonly checks: readonly Check[];
  readonly scaling: readonly Scaling[];
}

export interface Check extends MeasuredCell {
  readonly predicted: SimulatedRun;
}

export async function measureSimulation(load: LoadResult): Promise<SimulateResult> {
  const model = new MeasuredModel(load, await RecordedRequests.open());
  const cells = closedCells(load);
  const runs = await model.predict(cells);
  const checks = cells.map((cell, i) => ({ ...cell, predicted: runs[i]! }));
  for (const check of checks) console.log(checkLine(check));
  return { kind: 'simulate', checks, scaling: await scalings(model) };
}

function checkLine({ sessions, mode, measured, tokensPerRound, predicted }: Check): string {
  const off = (100 * (predicted.tokensPerSecond / measured.tokensPerSecond - 1)).toFixed(1);
  return (
    `${sessions} sessions, ${mode}: measured ${measured.tokensPerSecond.toFixed(1)} tokens/s, ` +
    `predicted ${predicted.tokensPerSecond.toFixed(1)} (${off} %), ` +
    `tokens a round ${tokensPerRound.toFixed(2)}, predicted ${predicted.tokensPerRound.toFixed(2)}`
  );
}
