// The peers bench as Markdown.
import { table } from './markdown-table.js';
import type { PeerSample, PeersResult } from './peers.js';
import { bootstrap, median, sum } from './statistics.js';

const OURS = 'Outrider';

export function peersReport({ samples, machine, target, maxTokens, versions, missing }: PeersResult): string {
  const names = [...new Set(samples.map(({ name }) => name))];
  const rows = names.map((name) => row(name, samples));
  const listed = Object.entries(versions).map(([name, version]) => `${name}: ${version}`);
  const absent = Object.entries(missing).map(([name, reason]) => `- ${name}: not run (${reason})`);
  return [
    '## Beside other servers and libraries',
    `${target}, ${machine.cores} cores of ${machine.cpu}, Node ${machine.node}, greedy, up to ${maxTokens} tokens a prompt, each prompt asked of ` +
      'everybody in turn within one run. The weights are those of one GGUF file, in the form that each runs. Outrider is asked ' +
      'over HTTP and SSE, the others inside their process. Tokens/s count the prompt too. Made by `npm run bench -- peers`.',
    listed.join(' · '),
    table(['', 'tokens/s', 'Outrider is faster by', '95 % interval', 'time to first token'], rows),
    ...(absent.length === 0 ? [] : [absent.join('\n')]),
  ].join('\n\n');
}

function row(name: string, samples: readonly PeerSample[]): string[] {
  const own = samples.filter((sample) => sample.name === name);
  const ours = samples.filter((sample) => sample.name === OURS);
  const ratios = own.map((sample, i) => rate(ours[i]!) / rate(sample));
  const { low, high } = bootstrap(ratios, median);
  const speed = (1000 * sum(own.map(({ tokens }) => tokens))) / sum(own.map(({ totalMs }) => totalMs));
  const isOurs = name === OURS;
  return [
    name,
    speed.toFixed(0),
    isOurs ? '' : `${median(ratios).toFixed(2)}×`,
    isOurs ? '' : `${low.toFixed(2)}–${high.toFixed(2)}`,
    `${median(own.map(({ firstMs }) => firstMs)).toFixed(0)} ms`,
  ];
}

function rate({ tokens, totalMs }: PeerSample): number {
  return tokens / totalMs;
}
