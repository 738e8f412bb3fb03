// The bench of optimistic drafting as a table of docs/drafting.md.
import { table } from './markdown-table.js';
import {
  OPTIMISTIC_VARIANTS,
  type OptimisticResult,
  type OptimisticSample,
  PLACEMENTS,
} from './optimistic.js';
import { bootstrap, median, sum } from './statistics.js';

export function optimisticReport({ machine, models, maxTokens, samples }: OptimisticResult): string {
  const conditions =
    `${models.target} with ${models.draft}, ${machine.cores} cores of ${machine.cpu}, Node ${machine.node}, greedy, method ` +
    `draft_model, up to ${maxTokens} tokens a prompt; made by \`npm run bench -- optimistic\`. A core each: the target has ` +
    'one, draft and gateway share the other. Speed-up: median over prompts of time a token without / with work ahead, with ' +
    'its 95 % bootstrap interval. Milliseconds are medians over requests of the mean a round.';
  const rows = PLACEMENTS.flatMap((placement) =>
    OPTIMISTIC_VARIANTS.map((variant) => [
      placement,
      variant,
      ...cells(
        samples.filter((each) => each.placement === placement && each.variant === variant),
        samples.filter((each) => each.placement === placement && each.variant === 'off'),
      ),
    ]),
  );
  const header = [
    '',
    'optimistic',
    'tokens/s',
    'speed-up',
    '95 % interval',
    'drafted ahead',
    'draft ms',
    'verify ms',
    'same text',
  ];
  return `${conditions}\n\n${table(header, rows)}`;
}

function cells(own: readonly OptimisticSample[], off: readonly OptimisticSample[]): string[] {
  // Samples of a repeat and prompt are at the same place in both lists.
  const ratios = own.map((sample, i) => perToken(off[i]!) / perToken(sample));
  const interval = bootstrap(ratios, median);
  const tokens = sum(own.map(({ timing }) => timing.completionTokens - 1));
  const seconds = sum(own.map(({ timing }) => timing.decodeMs)) / 1000;
  const ahead = sum(own.map(({ timing }) => timing.rounds.drafted_ahead));
  return [
    (tokens / seconds).toFixed(0),
    median(ratios).toFixed(2),
    `${interval.low.toFixed(2)}–${interval.high.toFixed(2)}`,
    (ahead / sum(own.map(({ timing }) => timing.drafted))).toFixed(2),
    median(own.map(({ timing: { rounds } }) => rounds.draft_ms / rounds.rounds)).toFixed(2),
    median(own.map(({ timing: { rounds } }) => rounds.verify_ms / rounds.rounds)).toFixed(2),
    `${own.filter(({ sameText }) => sameText).length}/${own.length}`,
  ];
}

function perToken({ timing }: OptimisticSample): number {
  return timing.decodeMs / (timing.completionTokens - 1);
}
