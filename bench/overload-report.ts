// The overload bench as Markdown: what those who are served notice, and how fast the others hear that they are not.
import { table } from './markdown-table.js';
import type { OverloadResult } from './overload.js';

const MEGABYTE = 2 ** 20;

export function overloadReport(result: OverloadResult): string {
  const { machine, places, maxTokens, capacity, factor, calm, overload, peaks, restarts } = result;
  const row = (name: string, cell: OverloadResult['calm'], memory: OverloadResult['peaks']['calm']) => {
    const { requests, latencies, windowMs } = cell;
    const { tokenMs, firstMs, refusedMs } = latencies;
    return [
      name,
      ((1000 * requests.started) / windowMs).toFixed(1),
      ((1000 * requests.finished) / windowMs).toFixed(2),
      String(requests.failed),
      `${tokenMs.p50.toFixed(0)} / ${tokenMs.p99.toFixed(0)}`,
      `${(firstMs.p50 / 1000).toFixed(1)} / ${(firstMs.p99 / 1000).toFixed(1)}`,
      requests.refused === 0 ? '' : String(requests.refused),
      requests.refused === 0 ? '' : `${refusedMs.p50.toFixed(1)} / ${refusedMs.p99.toFixed(1)}`,
      [memory.gateway, memory.verifier, memory.draft]
        .map((bytes) => (bytes / MEGABYTE).toFixed(0))
        .join(' / '),
    ];
  };
  const ratio = overload.latencies.tokenMs.p50 / calm.latencies.tokenMs.p50;
  return [
    '## Five times too much',
    `A stack with ${places} places, as many that may wait, and answers of ${maxTokens} tokens, on ${machine.cores} cores of ` +
      `${machine.cpu}. First a closed loop of ${places} sessions, which finished ${capacity.toFixed(2)} requests a second; then ` +
      `${factor} times as many arrivals of a Poisson process. Those that were served took ${ratio.toFixed(2)} times as long a ` +
      `token as before (median); ${restarts.length === 0 ? 'no process was restarted' : `restarted: ${restarts.join(', ')}`}. ` +
      'Times are median / 99th percentile as clients saw them; memory is the largest that was seen. Made by ' +
      '`npm run bench -- overload`.',
    table(
      [
        '',
        'requests a second',
        'of these finished',
        'failed',
        'ms a token',
        'first token s',
        'refused',
        'ms to the refusal',
        'memory MB (gateway / verifier / draft)',
      ],
      [row('closed loop', calm, peaks.calm), row(`${factor} times its rate`, overload, peaks.overload)],
    ),
  ].join('\n\n');
}
