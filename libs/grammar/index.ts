export { GrammarChecker, type GrammarCheckerOptions } from './grammar-checker.js';
export { GrammarFollower, type GrammarFollowerOptions } from './grammar-follower.js';
export type { GrammarSpec } from './grammar-spec.js';
export { jsonProblem } from './json-bounds.js';
export type { LiteralTokens } from './literal-tokens.js';
export { type MaskRequest, type MaskRows, maskRow } from './mask-rows.js';
export { schemaProblem } from './schema-keywords.js';
export { type GrammarVocabulary, packVocabulary } from './vocabulary.js';
