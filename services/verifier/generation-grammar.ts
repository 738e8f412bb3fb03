// One generation's grammar: what its rounds ask the grammar thread, and which tokens end it.
import type { GrammarFollower, GrammarSpec, MaskRows } from '#libs/grammar/index.js';
import type { Proposal } from '#libs/sampling/index.js';
import type { Sequence } from '#libs/speculative/index.js';
import type { LiteralGrammar } from './grammar-literals.js';

export interface GenerationGrammarOptions {
  readonly spec: GrammarSpec;
  readonly requestId: string;
  /** The model's own. */
  readonly endTokenIds: readonly number[];
  /** Those of the request. */
  readonly stopTokenIds: readonly number[];
}

let numGenerations = 0;

export class GenerationGrammar implements LiteralGrammar {
  /** The model's end tokens end the generation in any case: behind one the grammar allows nothing. */
  readonly stopTokenIds: ReadonlySet<number>;
  readonly key: string;
  readonly #generationId: string;
  readonly #avoidEnd: boolean;

  /** @throws AppError invalid_argument naming `grammar`. */
  constructor(
    private readonly follower: GrammarFollower,
    private readonly options: GenerationGrammarOptions,
  ) {
    follower.check(options.spec);
    this.key = JSON.stringify(options.spec);
    const { endTokenIds, stopTokenIds, requestId } = options;
    this.stopTokenIds = new Set([...stopTokenIds, ...endTokenIds]);
    // Clients of the verifier choose request ids, and may send one twice.
    this.#generationId = `${numGenerations++} ${requestId}`;
    this.#avoidEnd = !endTokenIds.some((id) => stopTokenIds.includes(id));
  }

  /** To be asked for before the forward, so that both are computed at once. */
  masks({ tokens, promptLength }: Sequence, proposal: Proposal): Promise<MaskRows> {
    const masks = this.follower.masks(this.options.spec, {
      generationId: this.#generationId,
      generated: tokens.slice(promptLength),
      drafted: Array.from(proposal.tokens),
      avoidEnd: this.#avoidEnd,
    });
    // A forward that fails first leaves them unread.
    masks.catch(() => {});
    return masks;
  }

  literal({ tokens, promptLength }: Sequence): Promise<string> {
    const generated = tokens.slice(promptLength);
    return this.follower.literal(this.options.spec, { generationId: this.#generationId, generated });
  }

  /** Masks may be long in coming. */
  get isSlow(): boolean {
    return this.follower.isCompiling;
  }

  release(): void {
    this.follower.release(this.#generationId);
  }
}
