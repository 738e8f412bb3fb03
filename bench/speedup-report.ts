// The speed-up bench as Markdown.
import { table } from './markdown-table.js';
import type { SpeedupResult } from './speedup.js';
import { summarise, type VariantSummary } from './speedup-summary.js';

export interface SpeedupReport {
  /** Section of docs/benchmarks.md. */
  readonly section: string;
  /** Block of the README. */
  readonly readmeBlock: string;
}

export function speedupReport(result: SpeedupResult): SpeedupReport {
  const summaries = summarise(result);
  const conditions =
    `${result.models.target} with ${result.models.draft}, ${result.machine.cores} cores of ${result.machine.cpu}, ` +
    `Node ${result.machine.node}, greedy, up to ${result.maxTokens} tokens a prompt.`;
  const section = [
    '## Speed-up over plain decoding',
    `${conditions} Everything runs on the one machine, the draft in the verifier unless a way says otherwise; times are the client's, over HTTP and SSE. ` +
      'Speed-up: median over prompts of plain time a token / time a token, with its 95 % bootstrap interval. ' +
      'Made by `npm run bench -- speedup`.',
    overview(summaries),
    '### By family',
    byFamily(summaries),
    '### Where a round spends its time',
    rounds(summaries),
    ladder(summaries),
  ].join('\n\n');
  return { section, readmeBlock: `${overview(summaries)}\n\n${byFamily(summaries)}\n\n${conditions}` };
}

/** The table of docs/drafting.md. */
export function methodsReport(result: SpeedupResult): string {
  const summaries = summarise(result).filter(({ variant }) => variant !== 'bare engine');
  const { machine, models } = result;
  return [
    `${models.target} with ${models.draft}, ${machine.cores} cores of ${machine.cpu}, Node ${machine.node}, greedy, up to ` +
      `${result.maxTokens} tokens a prompt; made by \`npm run bench -- methods\`.`,
    overview(summaries),
    byFamily(summaries),
    ...Object.entries(result.unmeasured ?? {}).map(([method, why]) => `Not measured: \`${method}\`, ${why}.`),
  ].join('\n\n');
}

function overview(summaries: readonly VariantSummary[]): string {
  return table(
    ['', 'tokens/s', 'speed-up', '95 % interval', 'accepted', 'mean acceptance length', 'same text'],
    summaries.map((s) => [
      s.variant,
      s.tokensPerSecond.toFixed(0),
      s.speedup.toFixed(2),
      `${s.interval.low.toFixed(2)}–${s.interval.high.toFixed(2)}`,
      Number.isNaN(s.acceptance) ? '' : s.acceptance.toFixed(2),
      Number.isNaN(s.acceptance) ? '' : s.meanAcceptanceLength.toFixed(2),
      `${s.sameText}/${s.prompts}`,
    ]),
  );
}

function byFamily(summaries: readonly VariantSummary[]): string {
  const families = Object.keys(summaries[0]!.perFamily);
  const shown = summaries.filter((s) => s.variant !== 'plain' && s.variant !== 'bare engine');
  return table(
    ['speed-up', ...families],
    shown.map((s) => [s.variant, ...families.map((family) => s.perFamily[family]!.toFixed(2))]),
  );
}

function rounds(summaries: readonly VariantSummary[]): string {
  return table(
    ['ms a round', 'drafted tokens', 'draft', 'verify', 'everything else'],
    summaries.flatMap((s) =>
      s.round === undefined
        ? []
        : [
            [
              s.variant,
              s.drafted.toFixed(2),
              s.round.draftCompute.toFixed(2),
              s.round.verifyCompute.toFixed(2),
              s.round.everythingElse.toFixed(2),
            ],
          ],
    ),
  );
}

function ladder(summaries: readonly VariantSummary[]): string {
  const bare = summaries.find((s) => s.variant === 'bare engine');
  if (bare === undefined) return '';
  return (
    `Plain decoding through the stack reaches ${(1 / bare.speedup).toFixed(2)} of the bare engine's rate ` +
    '(the same model in one process, no worker, network or gateway; same prompts, interleaved).'
  );
}
