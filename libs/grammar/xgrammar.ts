// Opens one instance of XGrammar (arXiv 2411.15100) compiled to WebAssembly. The package says it is an ES module and is
// CommonJS, so it is run from its source; that also lets us hand it a console, since its reasons are log lines only, and a
// WebAssembly whose memory has a limit. After any exception an instance is dead: open another.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { LimitedMemory } from './limited-memory.js';

export type XGrammar = typeof import('@mlc-ai/web-xgrammar');

export interface OpenXGrammar {
  readonly api: XGrammar;
  /** What it has logged since the last call. */
  readonly takeLog: () => string[];
  /** Never shrinks. */
  readonly memoryBytes: () => number;
}

const require = createRequire(import.meta.url);
const PARAMETERS = ['exports', 'module', 'require', '__filename', '__dirname', 'console', 'WebAssembly'];

/** @param maxBytes Of its memory; beyond it the allocation fails, which ends the instance. */
export function openXGrammar(maxBytes: number): OpenXGrammar {
  const log: string[] = [];
  const say = (...parts: unknown[]): void => void log.push(parts.join(' '));
  const memory = new LimitedMemory(maxBytes);
  const file = require.resolve('@mlc-ai/web-xgrammar');
  const module = { exports: {} };
  const run = new Function(...PARAMETERS, readFileSync(file, 'utf8'));
  const shadowConsole = { log: say, info: say, warn: say, error: say };
  run(module.exports, module, require, file, dirname(file), shadowConsole, memory.webAssembly);
  return {
    api: module.exports as XGrammar,
    takeLog: () => log.splice(0),
    memoryBytes: () => memory.bytes,
  };
}
