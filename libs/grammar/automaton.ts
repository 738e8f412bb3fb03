// Grammars, compiled, and one matcher a generation: everything that lives in the grammar thread. All of it is a cache: a
// request names its grammar and its tokens, so what is gone is made again. When XGrammar aborts, its instance is dead and
// is replaced by a new one.
import type { CompiledGrammar } from '@mlc-ai/web-xgrammar';
import { AppError, type ErrorCode } from '#libs/errors/index.js';
import { complaintOf } from './complaint.js';
import type { GrammarSpec } from './grammar-spec.js';
import { type Instance, openInstance } from './instance.js';
import {
  allowsNothing,
  avoidEnd,
  type GenerationPath,
  type MaskRequest,
  type MaskRows,
} from './mask-rows.js';
import { compileSpec } from './source.js';
import { TokenPath } from './token-path.js';
import type { GrammarVocabulary } from './vocabulary.js';

/** An instance never gives memory back, so one that has grown this large is replaced. */
const REPLACE_MEMORY_BYTES = 256 * 2 ** 20;

export class Automaton {
  #instance: Instance | undefined;

  constructor(private readonly vocabulary: GrammarVocabulary) {}

  /** Makes sure that there is an instance, a tenth of a second when there is none. */
  async open(): Promise<void> {
    if (this.#instance !== undefined && this.#instance.memoryBytes() > REPLACE_MEMORY_BYTES)
      this.#instance = undefined;
    this.#instance ??= await openInstance(this.vocabulary);
  }

  /** @throws AppError invalid_argument that says what is wrong with the grammar. */
  async check(spec: GrammarSpec): Promise<void> {
    const instance = await this.#ready();
    const grammar = await this.#compiled(instance, JSON.stringify(spec), spec);
    const path = await this.#newPath(instance, grammar);
    const row = await this.#guarded(() => path.mask());
    path.dispose();
    if (allowsNothing(row)) throw invalid('no text can ever match it');
  }

  /** @throws AppError internal when the generated tokens break the grammar, invalid_argument as `check`. */
  async masks(spec: GrammarSpec, request: MaskRequest): Promise<MaskRows> {
    const instance = await this.#ready();
    const path = await this.#path(instance, spec, request.generationId);
    return this.#guarded(() => this.#rows(path, request), 'internal');
  }

  /** The text that must come next; empty where there is a choice. @throws as `masks` */
  async literal(spec: GrammarSpec, { generationId, generated }: GenerationPath): Promise<string> {
    const path = await this.#path(await this.#ready(), spec, generationId);
    return this.#guarded(async () => {
      follow(path, generated);
      return path.literal();
    }, 'internal');
  }

  release(generationId: string): void {
    this.#instance?.paths.delete(generationId);
  }

  async #rows(path: TokenPath, { generated, drafted, avoidEnd: avoid }: MaskRequest): Promise<MaskRows> {
    follow(path, generated);
    const { stopTokenIds, offsets } = this.vocabulary;
    const rowLength = Math.ceil((offsets.length - 1) / 32);
    const bits = new Int32Array((drafted.length + 1) * rowLength);
    let numRows = 0;
    for (let i = 0; i <= drafted.length; i++) {
      // Behind an end token nothing counts any more: the caller cuts there, so any law will do.
      const row = path.isEnded ? new Int32Array(rowLength).fill(-1) : await path.mask();
      if (avoid && !path.isEnded) avoidEnd(row, stopTokenIds);
      bits.set(row, numRows++ * rowLength);
      if (i < drafted.length && !path.isEnded && !path.push(drafted[i]!)) break;
    }
    return { numRows, rowLength, bits: bits.slice(0, numRows * rowLength) };
  }

  async #ready(): Promise<Instance> {
    await this.open();
    return this.#instance!;
  }

  async #path(instance: Instance, spec: GrammarSpec, generationId: string): Promise<TokenPath> {
    const key = JSON.stringify(spec);
    const known = instance.paths.get(generationId);
    if (known?.key === key) return known.path;
    const path = await this.#newPath(instance, await this.#compiled(instance, key, spec));
    instance.paths.set(generationId, { key, path });
    return path;
  }

  async #newPath({ api }: Instance, grammar: CompiledGrammar): Promise<TokenPath> {
    return new TokenPath(await this.#guarded(() => api.GrammarMatcher.createGrammarMatcher(grammar)));
  }

  async #compiled(instance: Instance, key: string, spec: GrammarSpec): Promise<CompiledGrammar> {
    const known = instance.compiled.get(key);
    if (known !== undefined) return known;
    instance.takeLog();
    const grammar = await this.#guarded(() => compileSpec(instance.api, instance.compiler, spec));
    const complaint = complaintOf(instance.takeLog());
    if (complaint !== undefined) {
      grammar.dispose();
      throw invalid(complaint);
    }
    instance.compiled.set(key, grammar);
    return grammar;
  }

  /** Whatever XGrammar throws ends its instance. */
  async #guarded<T>(work: () => Promise<T>, code: ErrorCode = 'invalid_argument'): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      if (cause instanceof AppError) throw cause;
      const log = this.#instance?.takeLog() ?? [];
      this.#instance = undefined;
      throw new AppError(code, complaintOf(log) ?? 'it is too complex', { cause });
    }
  }
}

function follow(path: TokenPath, generated: readonly number[]): void {
  const followed = path.follow(generated);
  if (followed < generated.length)
    throw new AppError('internal', `Generated token ${followed} is not what the grammar allows.`);
}

function invalid(problem: string): AppError {
  return new AppError('invalid_argument', problem);
}
