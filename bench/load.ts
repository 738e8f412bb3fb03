// Question: what does one stack serve, to how many at once, and how near does it come to what its forwards allow? Closed
// loop (1 … 128 sessions) and open loop, plain and speculative in turn, with the forward times of the same run.
import type { Quantisation } from '#libs/builder/index.js';
import { openModelFolder } from '#libs/models/index.js';
import type { DraftPlace } from '../cli/stack.js';
import { realModels } from '../test/support/models.js';
import { startTestStack, type TestStack } from '../test/support/test-stack.js';
import { type CellPlan, type LoadCell, measureCell } from './load/cell.js';
import { COSTS_SHARE, closedPlans, openPlans, type PlanOptions, trafficSeed } from './load/cell-plans.js';
import type { RoundCostTable } from './load/cost-table.js';
import { measureForwardTimes } from './load/forward-times.js';
import { MIX, type MixOptions } from './load/prompt-mix.js';
import { type Machine, thisMachine } from './machine.js';
import { sum } from './statistics.js';

export interface LoadOptions extends PlanOptions {
  readonly maxTokens: number;
  /** How the target's weights are stored, if not as the catalog says. */
  readonly quantisation?: Quantisation | undefined;
}

export interface LoadResult {
  readonly kind: 'load';
  readonly machine: Machine;
  readonly models: { readonly target: string; readonly draft: string };
  /** Undefined in results that don't say: a process of its own. */
  readonly draftPlace?: DraftPlace;
  readonly maxTokens: number;
  /** Of what was asked. */
  readonly mix?: MixOptions;
  readonly costs: RoundCostTable;
  readonly cells: readonly LoadCell[];
}

/** As `outrider serve` has it. */
const DRAFT_PLACE: DraftPlace = 'verifier';

export async function measureLoad(options: LoadOptions): Promise<LoadResult> {
  const folders = await realModels(options.quantisation);
  const { targetFolder, draftFolder } = folders;
  const { manifest } = await openModelFolder(targetFolder);
  const draft = (await openModelFolder(draftFolder)).manifest.name;
  const stack = await startTestStack({}, folders, DRAFT_PLACE);
  const { maxTokens } = options;
  const cells: LoadCell[] = [];
  try {
    const measure = async (plans: readonly CellPlan[]): Promise<void> => {
      for (const [i, plan] of plans.entries()) {
        cells.push(await cellOf(stack, plan, manifest.name, maxTokens));
        process.stderr.write(`${i + 1}/${plans.length} ${progress(cells.at(-1)!)}\n`);
      }
    };
    const costs = await measureForwardTimes(stack.grpc, {
      minutes: COSTS_SHARE * options.minutes,
      maxTokens,
    });
    await measure(closedPlans(options));
    if (options.open) await measure(openPlans(options, capacityOf(cells, maxTokens)));
    const target = `${manifest.name} (${manifest.quantisation})`;
    return {
      kind: 'load',
      machine: thisMachine(),
      models: { target, draft },
      draftPlace: DRAFT_PLACE,
      maxTokens,
      mix: MIX,
      costs,
      cells,
    };
  } finally {
    await stack.stop();
    if (stack.restarts.length > 0) console.error(`Restarted meanwhile: ${stack.restarts.join(', ')}`);
  }
}

function cellOf(stack: TestStack, plan: CellPlan, model: string, maxTokens: number): Promise<LoadCell> {
  const { load, mode, repeat } = plan;
  // Both modes of a load are asked the same.
  const seed = trafficSeed(load, repeat);
  const name = `load-${'sessions' in load ? 'closed' : 'open'}-${seed}-${mode}`;
  return measureCell(stack, plan, { model, maxTokens, seed, name });
}

/** Requests a second at best: tokens a second over the tokens of a request, which are maxTokens where none has finished. */
function capacityOf(cells: readonly LoadCell[], maxTokens: number): number {
  const plain = cells.filter(({ mode }) => mode === 'plain');
  const finished = sum(plain.map(({ requests }) => requests.finished));
  const tokens = sum(plain.map(({ requests }) => requests.finishedTokens));
  const best = Math.max(...plain.map(({ counters, windowMs }) => (1000 * counters.tokens) / windowMs));
  if (!(best > 0)) throw new Error('No token came in any window; give the bench more --minutes.');
  return best / (finished === 0 ? maxTokens : tokens / finished);
}

function progress({ load, mode, counters, windowMs, requests, cpuMs, othersMs = 0 }: LoadCell): string {
  const what =
    'sessions' in load ? `${load.sessions} sessions` : `${load.requestsPerSecond.toFixed(2)} requests/s`;
  return (
    `${what}, ${mode}: ${((1000 * counters.tokens) / windowMs).toFixed(0)} tokens/s, ${requests.finished} finished, ` +
    `${requests.refused} refused, ${requests.failed} failed, gateway ${(cpuMs.gateway / counters.rounds).toFixed(2)} ms a round, ` +
    `others ${(othersMs / windowMs).toFixed(2)} cores`
  );
}
