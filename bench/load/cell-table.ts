// Cells of the load bench as the rows of a table.
import { table } from '../markdown-table.js';
import { median } from '../statistics.js';
import type { LoadCell } from './cell.js';
import { groupedBy } from './grouped-by.js';
import { lawTokensPerSecond, tokensPerRound, tokensPerSecond } from './law.js';

export function sessionsOf({ load }: LoadCell): number | undefined {
  return 'sessions' in load ? load.sessions : undefined;
}

/** Repeats of the same load and mode together, in the order measured. */
export function byLoad(cells: readonly LoadCell[]): LoadCell[][] {
  return [...groupedBy(cells, ({ load, mode }) => JSON.stringify([load, mode])).values()];
}

/** By load, plain before speculative. */
export function inOrder(cells: readonly LoadCell[]): LoadCell[][] {
  const size = (some: readonly LoadCell[]) => {
    const { load } = some[0]!;
    return 'sessions' in load ? load.sessions : load.requestsPerSecond;
  };
  return byLoad(cells).sort((a, b) => size(a) - size(b) || a[0]!.mode.localeCompare(b[0]!.mode));
}

export function cellTable(cells: readonly LoadCell[], load: string): string {
  return table(
    [
      load,
      '',
      'tokens/s',
      'law',
      'TTFT p50 / p99',
      'TPOT p50 / p99',
      'chunk p50 / p99',
      'batch',
      'accepted',
      'tokens a round',
      'prompt found',
      'refused',
      'failed',
    ],
    inOrder(cells).map((some) => cellRow(some)),
  );
}

function cellRow(some: readonly LoadCell[]): string[] {
  const [first] = some as [LoadCell];
  const of = (value: (cell: LoadCell) => number) =>
    median(some.map(value).filter((each) => !Number.isNaN(each)));
  const latency = (part: 'firstMs' | 'tokenMs' | 'pieceMs') =>
    `${ms(of(({ latencies }) => latencies[part].p50))} / ${ms(of(({ latencies }) => latencies[part].p99))}`;
  const total = (value: (cell: LoadCell) => number) => some.reduce((sum, cell) => sum + value(cell), 0);
  const drafted = total(({ counters }) => counters.drafted);
  const batch = of(({ round }) => round?.batchSize ?? Number.NaN);
  return [
    'sessions' in first.load ? String(first.load.sessions) : first.load.requestsPerSecond.toFixed(2),
    first.mode,
    of(tokensPerSecond).toFixed(0),
    show(of(lawShare), 2),
    latency('firstMs'),
    latency('tokenMs'),
    latency('pieceMs'),
    show(batch, 1),
    drafted === 0 ? '' : (total(({ counters }) => counters.accepted) / drafted).toFixed(2),
    show(of(tokensPerRound), 2),
    show(
      of(({ prefix }) => (prefix ? prefix.found / prefix.asked : Number.NaN)),
      2,
    ),
    String(total(({ requests }) => requests.refused)),
    String(total(({ requests }) => requests.failed)),
  ];
}

/** NaN where no request finished. */
function lawShare(cell: LoadCell): number {
  const { round } = cell;
  if (round === undefined) return Number.NaN;
  return tokensPerSecond(cell) / lawTokensPerSecond(sessionsOf(cell), tokensPerRound(cell), round);
}

function ms(value: number): string {
  if (Number.isNaN(value)) return '–';
  return value < 100 ? value.toFixed(1) : value.toFixed(0);
}

function show(value: number, digits: number): string {
  return Number.isNaN(value) ? '' : value.toFixed(digits);
}
