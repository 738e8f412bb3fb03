// The simulator's answers as Markdown and as a chart.
import { lineChart, type Series } from '../line-chart.js';
import { table } from '../markdown-table.js';
import type { Check, SimulateResult } from '../simulate.js';

const COLOURS = ['#888', '#b60', '#36c', '#292', '#a3a', '#c33'];
const SHOWN_VERIFIERS = [1, 10, 100, 1000];

export function simulateReport({ checks, kept, scaling }: SimulateResult): string {
  const steady = checks.filter(({ isSteady }) => isSteady);
  const isNear = ({ measured, predicted }: Check) =>
    Math.abs(predicted.tokensPerSecond / measured.tokensPerSecond - 1) <= 0.1;
  const [near, far] = [steady.filter(isNear), steady.filter((check) => !isNear(check))];
  return [
    '## Simulated: many verifiers',
    'A discrete-event simulation (`bench/simulate.ts`) of gateways, verifiers, drafts and clients, over the very windows that were measured. It believes only what the ' +
      'load bench measured in the run above (forward times by rows and sequences, draft step, messages, gateway time a ' +
      'round) and the acceptance recorded for the same prompts; draft lengths are chosen by the controllers that verifiers ' +
      `use. One number is fitted: a sampled answer keeps ${kept.toFixed(2)} of the drafted tokens that the greedy one ` +
      'accepts, so that tokens a round agree up to 8 sessions. Made by `npm run bench -- simulate`.',
    '### Against the measurement',
    `The throughput predicted lies within 10 % of the measured one in ${near.length} of ${steady.length} cells (${names(near)}; ` +
      `not: ${names(far)}). Cells in which fewer than half as many requests finished as there are sessions are shown, but not ` +
      'counted.',
    table(
      [
        'sessions',
        '',
        'measured tokens/s',
        'predicted',
        'off',
        'measured TPOT ms',
        'predicted',
        'sequences a forward',
      ],
      [...checks]
        .sort((a, b) => a.sessions - b.sessions || a.mode.localeCompare(b.mode))
        .map(({ sessions, mode, measured, predicted }) => [
          String(sessions),
          mode,
          measured.tokensPerSecond.toFixed(0),
          predicted.tokensPerSecond.toFixed(0),
          `${(100 * (predicted.tokensPerSecond / measured.tokensPerSecond - 1)).toFixed(1)} %`,
          milliseconds(measured.tokenMs),
          milliseconds(predicted.tokenMs),
          predicted.batchSize.toFixed(1),
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
