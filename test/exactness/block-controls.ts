// Plausible mistakes in block verification: one formula or one coin each.
import type { Control } from './control.js';
import { blockRule, rest } from './naive-rules.js';

export const BLOCK_CONTROLS: Record<string, Control> = {
  'the naive rule without a mistake': { rule: blockRule(), isExact: true },
  'resampling from p instead of the residual': { rule: blockRule({ residual: (p) => p }) },
  'a residual without P_i': { rule: blockRule({ residual: (p, q) => rest(p, q) }), draftNoise: 8 },
  'P_i that may exceed 1': { rule: blockRule({ grow: (share, ratio) => share * ratio }) },
  'P_i of the last token alone': { rule: blockRule({ grow: (_, ratio) => Math.min(1, ratio) }) },
  'h_i = P_i before the last token': { rule: blockRule({ threshold: (_, share) => share }) },
  'h_i = S_i': { rule: blockRule({ threshold: (S) => S }) },
  'S_i over the rows of x_i itself': { rule: blockRule({ rowOfS: (i) => i - 1 }) },
  'one coin for all prefixes': { rule: blockRule({ coinOf: () => 0 }) },
  'stopping at the first prefix that fails': { rule: blockRule({ stopsAtFirstFailure: true }) },
  'a first token that is not verified': { rule: blockRule({ numTrusted: 1 }) },
};
