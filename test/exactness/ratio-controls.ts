// Plausible mistakes in the rejection rule. Keys and drafts, whose traps are common to several modes: shared-controls.ts
import { drawDraft } from '#libs/sampling/index.js';
import type { Control } from './control.js';
import { sendsCoupled } from './lying-drafts.js';
import { lawOf, normalised, type Row, ratioRule, rest } from './naive-rules.js';

/** The law before a temperature of 0.5. */
const unprocessed = (p: Row) => normalised(p.map(Math.sqrt));

export const RATIO_CONTROLS: Record<string, Control> = {
  'the naive rule without a mistake': { rule: ratioRule(), isExact: true },
  'resampling from p instead of the residual': { rule: ratioRule({ residual: (p) => p }) },
  'a first token that is not verified': { rule: ratioRule({ numTrusted: 1 }) },
  'acceptance by the law before temperature': {
    params: { temperature: 0.5 },
    rule: ratioRule({ judged: unprocessed }),
  },
  'a residual of the laws before temperature': {
    params: { temperature: 0.5 },
    rule: ratioRule({ residual: (p, q) => rest(unprocessed(p), unprocessed(q)) }),
  },
  'a correction under the noise that the draft has used': {
    proposer: sendsCoupled,
    numSequences: 60_000,
    rule: (input) => {
      const { seed } = input.sampling;
      const draw = (row: Row, position: number) =>
        drawDraft(lawOf(row), { seed, verification: 'coupled' }, position, input.random);
      return ratioRule({ draw })(input);
    },
  },
  'a draft that draws under the noise of the coupled mode': { proposer: sendsCoupled, isExact: true },
};
