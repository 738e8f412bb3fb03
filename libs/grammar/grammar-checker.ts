// Tells whether a grammar can be followed, before anything is generated: it is compiled in a thread of its own, with a
// bound of time, so that a hostile one costs nobody else.
import { createHash } from 'node:crypto';
import { AppError } from '#libs/errors/index.js';
import type { GrammarSpec } from './grammar-spec.js';
import { GrammarThread } from './grammar-thread.js';
import { Lru } from './lru.js';
import { specProblem } from './spec-bounds.js';
import type { GrammarVocabulary } from './vocabulary.js';

const TIMEOUT_MS = 2_000;
const MAX_WAITING = 32;
const MAX_VERDICTS = 1_024;

export interface GrammarCheckerOptions {
  /** Of the model whose answers are to match. Asked for once, by the first check. */
  readonly vocabulary: () => GrammarVocabulary;
  readonly timeoutMs?: number;
}

export class GrammarChecker {
  #thread: GrammarThread | undefined;
  /** By the grammar's hash: what is wrong with it, or undefined. */
  readonly #verdicts = new Lru<Promise<string | undefined>>(MAX_VERDICTS);

  constructor(private readonly options: GrammarCheckerOptions) {}

  /**
   * @param field Name of the request field that holds the grammar, as the client wrote it.
   * @throws AppError invalid_argument naming the field, unavailable when too many grammars wait.
   */
  async check(spec: GrammarSpec, field: string): Promise<void> {
    const problem = specProblem(spec) ?? (await this.#verdict(spec));
    if (problem !== undefined) throw new AppError('invalid_argument', `${field}: ${problem}.`, { field });
  }

  async close(): Promise<void> {
    await this.#thread?.close();
  }

  #verdict(spec: GrammarSpec): Promise<string | undefined> {
    const key = createHash('sha256').update(JSON.stringify(spec)).digest('base64');
    const known = this.#verdicts.get(key);
    if (known !== undefined) return known;
    const verdict = this.#compile(spec, key);
    this.#verdicts.set(key, verdict);
    // What was not found out is asked again.
    verdict.catch(() => this.#verdicts.delete(key));
    return verdict;
  }

  async #compile(spec: GrammarSpec, key: string): Promise<string | undefined> {
    const { vocabulary, timeoutMs = TIMEOUT_MS } = this.options;
    this.#thread ??= new GrammarThread({
      vocabulary: vocabulary(),
      timeoutMs,
      maxWaiting: MAX_WAITING,
    });
    try {
      await this.#thread.run({ kind: 'check', spec });
      return undefined;
    } catch (thrown) {
      const error = AppError.from(thrown);
      if (error.code === 'invalid_argument') return withoutPeriod(error.message);
      if (error.code !== 'deadline_exceeded') throw error;
      // Perhaps the machine was busy: the next one may try again.
      this.#verdicts.delete(key);
      return `takes longer than ${timeoutMs} ms to compile; make it simpler`;
    }
  }
}

function withoutPeriod(text: string): string {
  return text.replace(/\.$/, '');
}
