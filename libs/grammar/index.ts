export type { GrammarSpec } from './grammar-spec.js';
