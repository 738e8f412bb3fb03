// What a search for draft lengths found, in words: also that it is not worth it.
import type { GammaPair, TunedGamma } from '#libs/tuning/index.js';
import { UNTUNED } from './gamma-prediction.js';

export interface GammaReport extends GammaPair {
  readonly model: string;
  readonly gammaFile: string;
  readonly studyFile: string;
  readonly plotFile: string;
}

export function gammaReport(report: GammaReport): string {
  const { draft, model, setting, measured } = report;
  const { acceptance, cost, breakEvenCost, predictedSpeedUp, measuredSpeedUp, spread, untunedSpeedUp } =
    measured;
  return `
Best of ${measured.trials} trials for ${draft} drafting for ${model}: ${inWords(setting)}.

  acceptance of a first token   ${acceptance.toFixed(3)}
  cost of a drafted token       ${cost.toFixed(3)} of a plain round (break-even ${breakEvenCost.toFixed(3)})
  predicted speed-up            ${predictedSpeedUp.toFixed(3)}×
  measured speed-up             ${measuredSpeedUp.toFixed(3)}× (${spread.map((each) => each.toFixed(3)).join(' to ')})
  untuned (${inWords(UNTUNED)})  ${untunedSpeedUp.toFixed(3)}×

${verdict(report)}

Setting ${report.gammaFile}
Trials  ${report.studyFile}
Plot    ${report.plotFile}
`;
}

function verdict({ draft, model, isWorthwhile, measured }: GammaReport): string {
  const { cost, breakEvenCost, predictedSpeedUp, measuredSpeedUp } = measured;
  if (isWorthwhile)
    return `Worth it: ${model} drafts with ${draft} like this by default once its verifier is restarted.`;
  const reason =
    cost >= breakEvenCost
      ? `a drafted token costs ${cost.toFixed(2)} of a plain round, and ${breakEvenCost.toFixed(2)} would only break even.`
      : `real rounds bring ${measuredSpeedUp.toFixed(2)}× of the ${predictedSpeedUp.toFixed(2)}× predicted.`;
  return (
    `Not worth it: ${reason} The default stays goodput, which drafts nothing where nothing pays; ` +
    'leave the draft out to spare its machine.'
  );
}

export function inWords({ controller, maxTokens, threshold, goal }: TunedGamma): string {
  const parts = [controller, `${maxTokens} tokens at most`];
  if (threshold !== undefined) parts.push(`threshold ${threshold}`);
  if (goal !== undefined) parts.push(`goal ${goal}`);
  return parts.join(', ');
}
