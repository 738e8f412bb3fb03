// The load bench as Markdown and as a chart.
import { lineChart, type Series } from '../line-chart.js';
import type { LoadResult } from '../load.js';
import { table } from '../markdown-table.js';
import { median } from '../statistics.js';
import type { LoadCell, Mode } from './cell.js';
import { byLoad, cellTable, inOrder, sessionsOf } from './cell-table.js';
import { sessionLaw, tokensPerSecond } from './law.js';
import type { MixOptions } from './prompt-mix.js';

export function loadReport(result: LoadResult): string {
  const { machine, models, maxTokens, mix, cells } = result;
  const closed = cells.filter(({ load }) => 'sessions' in load);
  const open = cells.filter(({ load }) => !('sessions' in load));
  return [
    '## Under load',
    `${models.target} with ${models.draft}, ${machine.cores} cores of ${machine.cpu}, Node ${machine.node}; clients and all ` +
      `services on the one machine. One prompt in five carries three passages; ${mixText(mix)}half of the requests are ` +
      `greedy, half sampled at 0.7; up to ${maxTokens} tokens each. Sessions begin one after the other, and the window when ` +
      'each has had an answer or the warm-up’s time is over. Plain and speculative are measured in turn. ' +
      'Prompt found: share of the prompts’ tokens that were in a cache. TTFT: from sending a ' +
      'request to its first text. TPOT: mean time a token of one answer. Chunk: between two pieces of one answer. Batch: ' +
      'sequences a forward. Law: share reached of what the forwards of the same rounds allow. Made by ' +
      '`npm run bench -- load`.',
    '![Tokens a second by sessions](load.svg)',
    '### Closed loop',
    cellTable(closed, 'sessions'),
    ...(open.length === 0 ? [] : openLoop(open)),
    '### One session against the law',
    lawText(closed),
    '### Processor time',
    'Of each process in the window, a round; the draft and the verifier mostly compute, the gateway only passes on.',
    processorTable(closed),
  ].join('\n\n');
}

function openLoop(cells: Parameters<typeof cellTable>[0]): readonly string[] {
  return [
    '### Open loop',
    'Requests come at random times (Poisson), whether or not earlier ones have their answers.',
    cellTable(cells, 'requests/s'),
  ];
}

function mixText(mix: MixOptions | undefined): string {
  if (mix === undefined || mix.systemShare === 0) return '';
  return `${Math.round(100 * mix.systemShare)} % come under one of two system prompts; `;
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

function lawText(closed: readonly LoadCell[]): string {
  const single = closed.filter((cell) => sessionsOf(cell) === 1);
  const rows = single
    .filter(({ mode }) => mode === 'speculative')
    .flatMap((speculative) => {
      const plain = single.find(({ mode, repeat }) => mode === 'plain' && repeat === speculative.repeat);
      const law = plain && sessionLaw(plain, speculative);
      if (plain === undefined || law === undefined) return [];
      const measured = plain.latencies.meanTokenMs / speculative.latencies.meanTokenMs;
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
