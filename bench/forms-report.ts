// The forms of the linear layers as Markdown: what each costs in quality and in time.
import type { FormsResult } from './forms.js';
import { table } from './markdown-table.js';

export function formsReport({ machine, rows, repeats, chats, tokens, forms }: FormsResult): string {
  return [
    '## What forms of the linear layers cost',
    `One core of ${machine.cpu}, Node ${machine.node}. Quality against float32 on ${chats} chats (${tokens} tokens) that ` +
      'the float32 model sampled itself. Time: milliseconds of processor time a forward of so many rows, logits of each, ' +
      `behind 200 cached tokens, on one thread; the least of ${repeats} interleaved repetitions. ` +
      'Made by `npm run bench -- forms`.',
    table(
      ['form', 'MB', 'KL a token', 'same top token'],
      forms.map(({ form, megabytes, quality }) => [
        form,
        String(megabytes),
        quality.kl.toFixed(4),
        `${(100 * quality.top1).toFixed(1)} %`,
      ]),
    ),
    table(
      ['rows', ...rows.map(String)],
      forms.map(({ form, forwardMs }) => [form, ...forwardMs.map((ms) => ms.toFixed(1))]),
    ),
  ].join('\n\n');
}
