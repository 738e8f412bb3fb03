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
      'that answers from a script. What the process takes while nobody asks is not counted. With few sessions every round ' +
      'pays alone for waking the process up: the event loop, a read and a write of each socket, and the kernel’s part of ' +
      'them; with many, rounds that come together share it. Made by `npm run bench -- gateway --label NAME`; `--profile` ' +
      'prints where the time goes. With `--bare` it measures what no gateway in Node can do without: a program that ' +
      'passes each HTTP/2 message on as an HTTP/1 chunk and looks at nothing. In brackets: the kernel’s part.',
    table(
      ['ms a round', 'idle ms/s', ...sessions.map((count) => `${count} session${count === 1 ? '' : 's'}`)],
      runs.map(({ label, costs, idleMsPerSecond }) => [
        label,
        idleMsPerSecond?.toFixed(1) ?? '',
        ...sessions.map((count) => {
          const cost = costs.find((each) => each.sessions === count);
          if (cost === undefined) return '';
          const idleMs = ((cost.ms ?? 0) / 1000) * (idleMsPerSecond ?? 0);
          const perRound = (Math.max(0, cost.cpuMs - idleMs) / cost.rounds).toFixed(3);
          if (cost.systemMs === undefined) return perRound;
          return `${perRound} (${Math.round((100 * cost.systemMs) / cost.cpuMs)} %)`;
        }),
      ]),
    ),
  ].join('\n\n');
}
