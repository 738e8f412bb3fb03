// The simulator's answers as Markdown and as a chart.
import { lineChart, type Series } from '../line-chart.js';
import { table } from '../markdown-table.js';
import type { Check, SimulateResult } from '../simulate.js';
import { MOST_OTHERS } from './measured-cells.js';

const COLOURS = ['#888', '#b60', '#36c', '#292', '#a3a', '#c33'];
const SHOWN_VERIFIERS = [1, 10, 100, 1000];

export function simulateReport({ checks, scaling }: SimulateResult): string {
  const steady = checks.filter(({ isSteady }) => isSteady);
  const isNear = ({ measured, predicted }: Check) =>
    Math.abs(predicted.tokensPerSecond / measured.tokensPerSecond - 1) <= 0.1;
  const [near, far] = [steady.filter(isNear), steady.filter((check) => !isNear(check))];
  return [
    '## Simulated: many verifiers',
    'A discrete-event simulation (`bench/simulate.ts`) of gateways, verifiers, drafts and clients, over the very windows ' +
      'that were measured. Its rounds are those of the real round loop with the real chain of sources (prompt lookup and ' +
      'draft model) and its lessons; forwards are shared by the real queue. It believes only what the load bench measured ' +
      'in the run above (forward times by rows and sequences, draft step, messages, processor time of gateway and clients) ' +
      'and the drafts recorded for the same prompts, of which as many tokens are accepted as the load bench saw of greedy ' +
      'and of sampled answers. Nothing is fitted. Made by `npm run bench -- simulate`.',
    '### Against the measurement',
    `The throughput predicted lies within 10 % of the measured one in ${near.length} of ${steady.length} cells (${names(near)}; ` +
      `not: ${names(far)}). Cells in which fewer than half as many requests finished as there are sessions, or in which ` +
      `others used more than ${MOST_OTHERS} cores of the machine, are shown, but not counted.`,
    table(
      [
        'sessions',
        '',
        'measured tokens/s',
        'predicted',
        'off',
        'measured TPOT ms',
        'predicted',
        'tokens a round',
        'predicted',
        'sequences a forward',
        'others’ cores',
      ],
      [...checks]
        .sort((a, b) => a.sessions - b.sessions || a.mode.localeCompare(b.mode))
        .map(({ sessions, mode, measured, tokensPerRound, otherCores, predicted }) => [
          String(sessions),
          mode,
          measured.tokensPerSecond.toFixed(0),
          predicted.tokensPerSecond.toFixed(0),
          `${(100 * (predicted.tokensPerSecond / measured.tokensPerSecond - 1)).toFixed(1)} %`,
          milliseconds(measured.tokenMs),
          milliseconds(predicted.tokenMs),
          tokensPerRound.toFixed(2),
          predicted.tokensPerRound.toFixed(2),
          predicted.batchSize.toFixed(1),
          otherCores?.toFixed(2) ?? '',
        ]),
    ),
    '### Up to 1,000 verifiers',
    'Every verifier, draft and gateway on a machine of its own like this one (a draft may share its verifier’s), 8 sessions ' +
      'and a draft a verifier, a gateway for 16 verifiers, 1 ms between places, unless the name says otherwise.',
    '![Tokens a second by verifiers](capacity.svg)',
    table(
      ['tokens/s with …', ...SHOWN_VERIFIERS.map((verifiers) => `${verifiers} verifiers`), 'TPOT ms at 1'],
      scaling.map(({ name, points }) => [
        name,
        ...SHOWN_VERIFIERS.map(
          (shown) =>
            points.find(({ verifiers }) => verifiers === shown)?.run.tokensPerSecond.toFixed(0) ?? '',
        ),
        milliseconds(points[0]?.run.tokenMs ?? Number.NaN),
      ]),
    ),
  ].join('\n\n');
}

function names(checks: readonly Check[]): string {
  return checks.map(({ sessions, mode }) => `${sessions} ${mode}`).join(', ') || 'none';
}

function milliseconds(value: number): string {
  return Number.isNaN(value) ? '–' : value.toFixed(1);
}

export function capacityChart({ scaling }: SimulateResult): string {
  const series = scaling.map(({ name, points }, i) => ({
    name,
    colour: COLOURS[i % COLOURS.length]!,
    points: points.map(({ verifiers, run }) => ({ x: verifiers, y: run.tokensPerSecond })),
  }));
  return lineChart(series, {
    title: 'Simulated throughput',
    xLabel: 'verifiers',
    yLabel: 'tokens/s',
    isLogY: true,
  });
}

/** Predictions for this machine, to be drawn beside its measurement. */
export function predictedSeries({ checks }: SimulateResult): Series[] {
  return (['plain', 'speculative'] as const).map((mode) => ({
    name: `${mode}, simulated`,
    colour: mode === 'plain' ? '#bbb' : '#9be',
    isDashed: true,
    points: checks
      .filter((check) => check.mode === mode)
      .map(({ sessions, predicted }) => ({ x: sessions, y: predicted.tokensPerSecond }))
      .sort((a, b) => a.x - b.x),
  }));
}
