// The soak as Markdown: what each process held in the second quarter of the run and in its last.
import { table } from './markdown-table.js';
import type { SoakResult, SoakSample } from './soak.js';
import { median } from './statistics.js';

const MEGABYTE = 2 ** 20;

export function soakReport({ machine, minutes, sessions, requests, samples, restarts }: SoakResult): string {
  const rows = (['gateway', 'verifier', 'draft'] as const).map((role) => {
    const own = samples.filter((sample) => sample.role === role);
    const quarter = (index: number) =>
      own.slice(Math.floor((index * own.length) / 4), Math.floor(((index + 1) * own.length) / 4));
    const between = (value: (sample: SoakSample) => number, digits = 0) =>
      `${median(quarter(1).map(value)).toFixed(digits)} → ${median(quarter(3).map(value)).toFixed(digits)}`;
    return [
      role,
      between(({ rssBytes }) => rssBytes / MEGABYTE, 1),
      role === 'gateway' ? '' : between(({ kvBytes = 0 }) => kvBytes / MEGABYTE, 1),
      between(({ openFiles }) => openFiles),
      between(({ sockets }) => sockets),
      between(({ threads }) => threads),
    ];
  });
  const { finished, cut, refused, failed } = requests;
  return [
    '## Lasting load',
    `${minutes} minutes of ${sessions} sessions on ${machine.cores} cores of ${machine.cpu}, all clients hanging up in ` +
      `mid-stream twice a minute: ${finished} requests finished, ${cut} were cut off, ${refused} refused, ${failed} failed; ` +
      `${restarts.length === 0 ? 'no process was restarted' : `restarted: ${restarts.join(', ')}`}. Medians of the second ` +
      'quarter of the run → of its last. Made by `npm run bench -- soak --minutes 30`.',
    table(['', 'memory MB', 'of these, keys and values', 'open files', 'sockets', 'threads'], rows),
  ].join('\n\n');
}
