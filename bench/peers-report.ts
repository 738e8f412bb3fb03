// The peers bench as Markdown.
import { table } from './markdown-table.js';
import type { PeerSample, PeersResult } from './peers.js';
import { bootstrap, median, sum } from './statistics.js';

const OURS = 'Outrider';
const HEADER = [
  '',
  'weights',
  'tokens/s',
  'Outrider is faster by',
  '95 % interval',
  'time to first token',
  "Outrider's text",
];

export function peersReport(result: PeersResult): string {
  const { samples, machine, target, maxTokens, versions, missing, forms } = result;
  const names = Object.keys(forms).filter((name) => samples.some((sample) => sample.name === name));
  const rows = names.map((name) => row(name, forms[name]!, samples));
  const listed = Object.entries(versions).map(([name, version]) => `${name}: ${version}`);
  const absent = Object.entries(missing).map(([name, reason]) => `- ${name}: not run (${reason})`);
  const numPrompts = new Set(samples.map(({ prompt }) => prompt)).size;
  return [
    '## Beside other servers and libraries',
    `${target}, ${machine.cores} cores of ${machine.cpu}, Node ${machine.node}, greedy, up to ${maxTokens} tokens for each of ` +
      `${numPrompts} prompts, each asked of everybody in turn within one run. The weights are those of one GGUF file (Q4_1), in ` +
      'the form that each runs. Outrider is asked over HTTP and SSE, the others inside their process, with as many threads ' +
      'as there are cores. Tokens/s count the prompt too; the factor is the median over prompts. Last column: prompts whose ' +
      "answer is Outrider's word for word, and the mean share of it that is the same from its beginning; other forms of the " +
      'weights choose other words. Made by `npm run bench -- peers`.',
    listed.join(' · '),
    table(HEADER, rows),
    ...(absent.length === 0 ? [] : [absent.join('\n')]),
  ].join('\n\n');
}

function row(name: string, form: string, samples: readonly PeerSample[]): string[] {
  const own = samples.filter((sample) => sample.name === name);
  const pairs = own.flatMap((sample) => {
    const ours = samples.find((each) => each.name === OURS && each.prompt === sample.prompt);
    return ours === undefined ? [] : [{ sample, ours }];
  });
  const ratios = pairs.map(({ sample, ours }) => rate(ours) / rate(sample));
  const { low, high } = bootstrap(ratios, median);
  const speed = (1000 * sum(own.map(({ tokens }) => tokens))) / sum(own.map(({ totalMs }) => totalMs));
  const equal = pairs.filter(({ sample, ours }) => sample.text === ours.text).length;
  const shares = pairs.map(({ sample, ours }) => sharedShare(sample.text, ours.text));
  const isOurs = name === OURS;
  return [
    name,
    form,
    speed.toFixed(0),
    isOurs ? '' : `${median(ratios).toFixed(2)}×`,
    isOurs ? '' : `${low.toFixed(2)}–${high.toFixed(2)}`,
    `${median(own.map(({ firstMs }) => firstMs)).toFixed(0)} ms`,
    isOurs ? '' : `${equal}/${pairs.length}, ${((100 * sum(shares)) / shares.length).toFixed(0)} %`,
  ];
}

function rate({ tokens, totalMs }: PeerSample): number {
  return tokens / totalMs;
}

/** How much of the longer text both begin with. */
function sharedShare(a: string, b: string): number {
  const most = Math.max(a.length, b.length);
  let same = 0;
  while (same < most && a[same] === b[same]) same++;
  return most === 0 ? 1 : same / most;
}
