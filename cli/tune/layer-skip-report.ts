// What a search for layers to skip found, in words: also that it is not worth it.
import type { SkipSet } from '#libs/tuning/index.js';

export interface ReportedFiles {
  readonly skipFile: string;
  readonly studyFile: string;
  readonly plotFile: string;
}

export function layerSkipReport(
  { attention, mlp, numLayers, isWorthwhile, measured, model }: SkipSet,
  { skipFile, studyFile, plotFile }: ReportedFiles,
): string {
  const { acceptance, cost, breakEvenCost, gamma, predictedSpeedUp, measuredSpeedUp, trials } = measured;
  const reason =
    predictedSpeedUp > 1
      ? `real rounds bring ${measuredSpeedUp.toFixed(2)}× of the ${predictedSpeedUp.toFixed(2)}× predicted.`
      : `a drafted token costs ${cost.toFixed(2)} of a plain round, and ${breakEvenCost.toFixed(2)} would only break even.`;
  const verdict = isWorthwhile
    ? `Worth it: ${model} drafts for itself by default once its verifier is restarted.`
    : `Not worth it: ${reason} It is not used by default; a request still gets it by "speculation": {"method": "layer_skip"}.`;
  return `
Best of ${trials} trials: ${attention.length} attention and ${mlp.length} MLP sub-layers skipped of ${numLayers} each.

  acceptance                ${acceptance.toFixed(3)}
  cost of a drafted token   ${cost.toFixed(3)} of a plain round (break-even ${breakEvenCost.toFixed(3)})
  predicted speed-up        ${predictedSpeedUp.toFixed(3)}× at ${gamma} a round
  measured speed-up         ${measuredSpeedUp.toFixed(3)}×

${verdict}

Layers ${skipFile}
Trials ${studyFile}
Plot   ${plotFile}
`;
}
