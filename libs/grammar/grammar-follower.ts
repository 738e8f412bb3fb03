// The verifier's side: masks for the rounds of its generations.
import { AppError } from '#libs/errors/index.js';
import type { GrammarSpec } from './grammar-spec.js';
import { GrammarThread } from './grammar-thread.js';
import { MAX_COMPILED } from './instance.js';
import { LiteralTokens } from './literal-tokens.js';
import { Lru } from './lru.js';
import type { GenerationPath, MaskRequest, MaskRows } from './mask-rows.js';
import { specProblem } from './spec-bounds.js';
import type { GrammarVocabulary } from './vocabulary.js';

/** More than a gateway's check allows: that has compiled the same grammar, but on a machine that computed nothing else. */
const TIMEOUT_MS = 10_000;
const MAX_WAITING = 1_024;

export interface GrammarFollowerOptions {
  readonly vocabulary: GrammarVocabulary;
  readonly timeoutMs?: number;
}

export class GrammarFollower {
  readonly #thread: GrammarThread;
  /** Grammars that the thread should have compiled. */
  readonly #known = new Lru<true>(MAX_COMPILED);
  /** Serialised once a generation, not once a round: a schema may hold tens of kilobytes. */
  readonly #keys = new WeakMap<GrammarSpec, string>();
  #numCompiling = 0;
  #literalTokens: LiteralTokens | undefined;

  constructor(private readonly options: GrammarFollowerOptions) {
    const { vocabulary, timeoutMs = TIMEOUT_MS } = options;
    this.#thread = new GrammarThread({ vocabulary, timeoutMs, maxWaiting: MAX_WAITING });
  }

  /**
   * Whether the thread has a grammar to compile, which takes up to seconds: masks asked for now come only then. Otherwise
   * they take well below a millisecond.
   */
  get isCompiling(): boolean {
    return this.#numCompiling > 0;
  }

  /**
   * The masks of one verification. To be asked for before the model computes: both then take place at once.
   * @throws AppError invalid_argument (the grammar), internal (tokens that break it, a dead thread), deadline_exceeded
   */
  async masks(spec: GrammarSpec, request: MaskRequest): Promise<MaskRows> {
    const key = this.#keyOf(spec);
    const compiles = this.#known.get(key) === undefined;
    if (compiles) this.#numCompiling++;
    try {
      const rows = await this.#thread.run({ kind: 'masks', spec, request });
      if (typeof rows !== 'object')
        throw new AppError('internal', 'The grammar thread answered without masks.');
      this.#known.set(key, true);
      return rows;
    } finally {
      if (compiles) this.#numCompiling--;
    }
  }

  /**
   * The text that must come next: empty where there is a choice, and while it cannot be told at once.
   * @throws AppError as `masks`
   */
  async literal(spec: GrammarSpec, request: GenerationPath): Promise<string> {
    if (this.isCompiling || this.#known.get(this.#keyOf(spec)) === undefined) return '';
    const text = await this.#thread.run({ kind: 'literal', spec, request });
    return typeof text === 'string' ? text : '';
  }

  /** How the vocabulary cuts such texts. */
  get literalTokens(): LiteralTokens {
    this.#literalTokens ??= new LiteralTokens(this.options.vocabulary);
    return this.#literalTokens;
  }

  #keyOf(spec: GrammarSpec): string {
    const known = this.#keys.get(spec);
    if (known !== undefined) return known;
    const key = JSON.stringify(spec);
    this.#keys.set(spec, key);
    return key;
  }

  /** @throws AppError invalid_argument naming `grammar` when it is too large or holds what is not supported. */
  check(spec: GrammarSpec): void {
    const problem = specProblem(spec);
    if (problem !== undefined)
      throw new AppError('invalid_argument', `grammar: ${problem}.`, { field: 'grammar' });
  }

  /** Forgets a generation that has ended; harmless for one that was never seen. */
  release(generationId: string): void {
    this.#thread.run({ kind: 'release', generationId }).catch(() => {});
  }

  close(): Promise<void> {
    return this.#thread.close();
  }
}
