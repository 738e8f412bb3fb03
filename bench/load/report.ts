// The load bench as Markdown and as a chart.
import { lineChart, type Series } from '../line-chart.js';
import type { LoadResult } from '../load.js';
import { table } from '../markdown-table.js';
import { median } from '../statistics.js';
import type { LoadCell, Mode } from './cell.js';
import { lawTokensPerSecond, sessionLaw, tokensPerRound, tokensPerSecond } from './law.js';

export function loadReport(result: LoadResult): string {
  const { machine, models, maxTokens, cells } = result;
  const closed = cells.filter(({ load }) => 'sessions' in load);
  const open = cells.filter(({ load }) => !('sessions' in load));
  return [
    '## Under load',
    `${models.target} with ${models.draft}, ${machine.cores} cores of ${machine.cpu}, Node ${machine.node}; clients and all ` +
      `services on the one machine. One prompt in five carries three passages; half of the requests are greedy, half ` +
      `sampled at 0.7; up to ${maxTokens} tokens each. Plain and speculative are measured in turn. TTFT: from sending a ` +
      'request to its first text. TPOT: mean time a token of one answer. Chunk: between two pieces of one answer. Batch: ' +
      'sequences a forward. Law: share reached of what the forwards of the same rounds allow. Made by ' +
      '`npm run bench -- load`.',
    '![Tokens a second by sessions](load.svg)',
    '### Closed loop',
    cellTable(closed, 'sessions'),
    '### Open loop',
    'Requests come at random times (Poisson), whether or not earlier ones have their answers.',
    cellTable(open, 'requests/s'),
    '### One session against the law',
    lawText(closed),
    '### Processor time',
    'Of each process in the window, a round; the draft and the verifier mostly compute, the gateway only passes on.',
    processorTable(closed),
  ].join('\n\n');
}

export function loadChart({ cells }: LoadResult, predicted: readonly Series[]): string {
  const colours: Readonly<Record<Mode, string>> = { plain: '#888', speculative: '#36c' };
  const measured = (['plain', 'speculative'] as const).map((mode) => ({
    name: mode,
    colour: colours[mode],
    points: byLoad(cells.filter((cell) => cell.mode === mode && 'sessions' in cell.load)).map((some) => ({
      x: sessionsOf(some[0]!)!,
      y: median(some.map(tokensPerSecond)),
    })),
  }));
  return lineChart([...measured, ...predicted], {
    title: 'Throughput of one stack',
    xLabel: 'sessions at once',
    yLabel: 'tokens/s',
  });
}

export function sessionsOf({ load }: LoadCell): number | undefined {
  return 'sessions' in load ? load.sessions : undefined;
}

/** Repeats of the same load and mode together, in the order measured. */
export function byLoad(cells: readonly LoadCell[]): LoadCell[][] {
  const groups = new Map<string, LoadCell[]>();
  for (const cell of cells) {
    const key = JSON.stringify([cell.load, cell.mode]);
    groups.set(key, [...(groups.get(key) ?? []), cell]);
  }
  return [...groups.values()];
}

function inOrder(cells: readonly LoadCell[]): LoadCell[][] {
  const size = (some: readonly LoadCell[]) => {
    const { load } = some[0]!;
    return 'sessions' in load ? load.sessions : load.requestsPerSecond;
  };
  return byLoad(cells).sort((a, b) => size(a) - size(b) || a[0]!.mode.localeCompare(b[0]!.mode));
}

function cellTable(cells: readonly LoadCell[], load: string): string {
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
  const latency = (part: keyof LoadCell['latencies']) =>
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
    String(total(({ requests }) => requests.refused)),
    String(total(({ requests }) => requests.failed)),
  ];
}

function lawShare(cell: LoadCell): number {
  if (cell.round === undefined) return Number.NaN;
  return tokensPerSecond(cell) / lawTokensPerSecond(sessionsOf(cell), tokensPerRound(cell), cell.round);
}

function lawText(closed: readonly LoadCell[]): string {
  const single = closed.filter((cell) => sessionsOf(cell) === 1);
  const rows = single
    .filter(({ mode }) => mode === 'speculative')
    .flatMap((speculative) => {
      const plain = single.find(({ mode, repeat }) => mode === 'plain' && repeat === speculative.repeat);
      const law = plain && sessionLaw(plain, speculative);
      if (plain === undefined || law === undefined) return [];
      const measured = plain.latencies.tokenMs.p50 / speculative.latencies.tokenMs.p50;
      const cells = [
        law.tokens,
        law.gamma,
        law.draftShare,
        law.verifyShare,
        law.speedUp,
        measured,
        measured / law.speedUp,
      ];
      return [cells.map((value) => value.toFixed(2))];
    });
  if (rows.length === 0) return 'Not measured: no cell of one session had a request that finished.';
  return table(['E', 'γ', 'γc', 'v', 'E/(γc + v)', 'measured', 'of the law'], rows);
}

function processorTable(closed: readonly LoadCell[]): string {
  const each = ({ cpuMs, counters }: LoadCell, part: keyof LoadCell['cpuMs']) =>
    cpuMs[part] / counters.rounds;
  return table(
    ['sessions', '', 'gateway ms', 'verifier ms', 'draft ms', 'clients ms'],
    inOrder(closed).map((some) => [
      String(sessionsOf(some[0]!)),
      some[0]!.mode,
      ...(['gateway', 'verifier', 'draft', 'clients'] as const).map((part) =>
        median(some.map((cell) => each(cell, part))).toFixed(2),
      ),
    ]),
  );
}

function ms(value: number): string {
  if (Number.isNaN(value)) return '–';
  return value < 100 ? value.toFixed(1) : value.toFixed(0);
}

function show(value: number, digits: number): string {
  return Number.isNaN(value) ? '' : value.toFixed(digits);
}
