// The gateway's processor time a round as Markdown, run by run: before and after a change.
import type { GatewayRun } from './gateway.js';
import { table } from './markdown-table.js';

export function gatewayReport(runs: readonly GatewayRun[]): string {
  const [{ machine }] = runs as [GatewayRun];
  const sessions = [...new Set(runs.flatMap(({ costs }) => costs.map((cost) => cost.sessions)))].sort(
    (a, b) => a - b,
  );
  return [
    '## What the gateway costs',
    `Processor time of the gateway process a round (user and system, all threads), ${machine.cores} cores of ${machine.cpu}, ` +
      `Node ${machine.node}: streamed chats through HTTP and SSE, rounds of two tokens every 12 ms a session from a verifier ` +
      'that answers from a script. With few sessions a round pays for waking the process up. Made by ' +
      '`npm run bench -- gateway --label NAME`; `--profile` prints where the time goes.',
    table(
      ['ms a round', ...sessions.map((count) => `${count} session${count === 1 ? '' : 's'}`)],
      runs.map(({ label, costs }) => [
        label,
        ...sessions.map((count) => {
          const cost = costs.find((each) => each.sessions === count);
          return cost === undefined ? '' : (cost.cpuMs / cost.rounds).toFixed(3);
        }),
      ]),
    ),
  ].join('\n\n');
}
