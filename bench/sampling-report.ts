// The sampling bench as Markdown: what each parameter costs beside a greedy request for the same prompt.
import { table } from './markdown-table.js';
import type { SamplingResult, SamplingSample } from './sampling.js';
import { bootstrap, median, sum } from './statistics.js';

export function samplingReport(result: SamplingResult): string {
  const names = [...new Set(result.samples.map(({ variant }) => variant))];
  const baseline = names[0]!;
  const { machine, models } = result;
  return [
    '## What sampling parameters cost',
    `${models.target} with ${models.draft}, ${machine.cores} cores of ${machine.cpu}, Node ${machine.node}, ` +
      `up to ${result.maxTokens} tokens a prompt. Rate: tokens/s relative to a ${baseline} request for the same prompt in ` +
      'the same run, median with its 95 % bootstrap interval. Plain: without a draft, so only the cost of choosing ' +
      'tokens shows. Speculative: the default draft; acceptance differs from parameter to parameter. ' +
      'Made by `npm run bench -- sampling`.',
    table(
      ['', 'plain', 'speculative', 'accepted', 'tokens a round'],
      names.map((name) => row(result.samples, name, baseline)),
    ),
  ].join('\n\n');
}

function row(samples: readonly SamplingSample[], variant: string, baseline: string): string[] {
  const own = samples.filter((sample) => sample.variant === variant && sample.speculative);
  const total = (part: 'drafted' | 'accepted' | 'rounds') => sum(own.map((sample) => sample[part]));
  return [
    variant,
    rate(samples, variant, baseline, false),
    rate(samples, variant, baseline, true),
    (total('accepted') / total('drafted')).toFixed(2),
    (1 + total('accepted') / total('rounds')).toFixed(2),
  ];
}

function rate(
  samples: readonly SamplingSample[],
  variant: string,
  baseline: string,
  speculative: boolean,
): string {
  const of = (name: string) =>
    samples.filter((sample) => sample.variant === name && sample.speculative === speculative);
  const greedy = of(baseline);
  const ratios = of(variant).flatMap((sample) => {
    const other = greedy.find(({ prompt, repeat }) => prompt === sample.prompt && repeat === sample.repeat);
    return other === undefined || sample.tokens < 1 ? [] : [perToken(other) / perToken(sample)];
  });
  const { low, high } = bootstrap(ratios, median);
  return `${median(ratios).toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
}

function perToken({ decodeMs, tokens }: SamplingSample): number {
  return decodeMs / tokens;
}
