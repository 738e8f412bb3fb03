// One instance of XGrammar for a vocabulary, with what it keeps: compiled grammars, and a matcher a generation.
import type { CompiledGrammar, GrammarCompiler } from '@mlc-ai/web-xgrammar';
import { Lru } from './lru.js';
import type { TokenPath } from './token-path.js';
import { type GrammarVocabulary, unpackVocabulary } from './vocabulary.js';
import { type OpenXGrammar, openXGrammar } from './xgrammar.js';

/** Grammars kept; more in use at once are compiled again and again. */
export const MAX_COMPILED = 64;
/** Matchers: more generations at once make each other start anew, which only costs time. */
const MAX_PATHS = 256;
const MAX_MEMORY_BYTES = 512 * 2 ** 20;

export interface Instance extends OpenXGrammar {
  readonly compiler: GrammarCompiler;
  readonly compiled: Lru<CompiledGrammar>;
  readonly paths: Lru<{ readonly key: string; readonly path: TokenPath }>;
}

export async function openInstance(vocabulary: GrammarVocabulary): Promise<Instance> {
  const opened = openXGrammar(MAX_MEMORY_BYTES);
  const { TokenizerInfo, GrammarCompiler } = opened.api;
  const tokens = unpackVocabulary(vocabulary);
  const tokenizer = await TokenizerInfo.createTokenizerInfo(
    // Declared as strings; bytes pass as well, and tokens needn't be whole characters.
    tokens as unknown as string[],
    'raw',
    false,
    tokens.length,
    [...vocabulary.stopTokenIds],
  );
  // Its own cache knows no bound.
  const compiler = await GrammarCompiler.createGrammarCompiler(tokenizer, false);
  return {
    ...opened,
    compiler,
    compiled: new Lru(MAX_COMPILED, (grammar) => grammar.dispose()),
    paths: new Lru(MAX_PATHS, ({ path }) => path.dispose()),
  };
}
