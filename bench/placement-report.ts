// The placement bench as Markdown.
import { groupedBy } from './load/grouped-by.js';
import { table } from './markdown-table.js';
import type { PlacementResult, PlacementSample } from './placement.js';
import { median } from './statistics.js';

export function placementReport({ machine, samples }: PlacementResult): string {
  const rows = [...groupedBy(samples, ({ gamma }) => gamma)].map(([gamma, some]) => {
    const rate = (isApart: boolean) =>
      median(
        some
          .filter((sample) => sample.isApart === isApart)
          .map(({ tokens, windowMs }) => (1000 * tokens) / windowMs),
      );
    const [apart, beside] = [rate(true), rate(false)];
    // Where the two share a core, each one's time is longer by the other's turns.
    const own = some.filter(({ isApart }) => isApart);
    const mean = (value: (sample: PlacementSample) => number) => median(own.map(value));
    // A forward is shared by its sessions; each of them needs a proposal of its own.
    const verifyMs = mean(({ verifyComputeMs, batchSize }) => verifyComputeMs / batchSize);
    const law = 1 + mean(({ draftComputeMs }) => draftComputeMs) / verifyMs;
    return [String(gamma), apart.toFixed(0), beside.toFixed(0), (apart / beside).toFixed(2), law.toFixed(2)];
  });
  return [
    '## A draft elsewhere, on a busy verifier',
    `One core of ${machine.cpu} is the expensive machine. Either the verifier has it alone and the draft runs on the other ` +
      'core, with the gateway and the clients, or the draft shares it. 12 sessions keep the verifier busy, drafts have a ' +
      'fixed length. Law: 1 + γ·t_d/t_v, with a session’s share of its forward as t_v. Made by `npm run bench -- placement`.',
    table(['γ', 'tokens/s, draft elsewhere', 'draft beside', 'ratio', 'law'], rows),
  ].join('\n\n');
}
