// Which sources draft for a generation, and which controller decides how much: what a request says under `speculation`.
// What controllers learn about a source is kept here for the generations to come, and so is what they generated.
import { AppError } from '#libs/errors/index.js';
import type { Speculation } from '#libs/rpc/index.js';
import {
  Chain,
  ConstantGamma,
  DraftExitGamma,
  DraftExitState,
  type DraftMethod,
  type DraftSource,
  type GammaController,
  GoodputKnowledge,
  HeuristicGamma,
  type PastOutputs,
  PromptLookup,
  type Proposer,
  SuffixLookup,
} from '#libs/speculative/index.js';
import type { DraftClients } from './draft-clients.js';
import { kept } from './kept.js';
import type { LayerSkipProposer } from './layer-skip.js';
import { type SelfDrafting, whyNoLayerSkip } from './self-drafting.js';

/** Who drafts, and how much. Without a proposer every round is plain decoding. */
export interface Drafting {
  readonly proposer: Proposer | undefined;
  readonly gamma: GammaController;
  close(): void;
}

/** The threshold of Hugging Face's dynamic lookahead. */
const CONFIDENCE = 0.4;
const MOST_TOKENS = 8;
/** K of Draft & Verify. */
const MOST_EXIT_TOKENS = 12;
/** Sources whose lessons are kept: drafts come and go. */
const MOST_KEPT = 64;
const NO_PAST =
  'This verifier keeps no outputs to look up (OUTRIDER_PAST_OUTPUT_BYTES is 0); choose another speculation.method.';
const NONE: Drafting = { proposer: undefined, gamma: new ConstantGamma(0), close: () => {} };

interface Source {
  readonly name: string;
  readonly proposer: Proposer;
  readonly isFree: boolean;
}

export interface OwnSources {
  readonly self?: SelfDrafting;
  readonly layerSkip?: LayerSkipProposer | undefined;
  /** Undefined: nothing is kept of what was generated. */
  readonly past?: PastOutputs | undefined;
}

export class DraftingSources {
  readonly #goodput = new Map<string, GoodputKnowledge>();
  readonly #draftExit = new Map<string, DraftExitState>();
  readonly #self: SelfDrafting;
  readonly #layerSkip: LayerSkipProposer | undefined;
  readonly #past: PastOutputs | undefined;

  constructor(
    private readonly drafts: DraftClients,
    { self = { model: 'the model', canSkip: false, byDefault: false }, layerSkip, past }: OwnSources = {},
  ) {
    this.#self = self;
    this.#layerSkip = layerSkip;
    this.#past = past;
  }

  /**
   * @param endpoints Of drafts that may be dialled, in order of preference.
   * @throws AppError invalid_argument if the method is one that this verifier lacks.
   */
  start(speculation: Speculation, endpoints: readonly string[]): Drafting {
    if (!speculation.enabled) return NONE;
    const { method } = speculation;
    const uses = (source: DraftMethod) => method === source || method === 'chain' || method === '';
    const remote = uses('draft_model') ? this.drafts.proposer(endpoints) : undefined;
    const sources = this.#lookups(uses);
    if (remote !== undefined)
      sources.push({ name: `draft_model ${endpoints[0]}`, proposer: remote, isFree: false });
    if (method === 'layer_skip' || (uses('layer_skip') && this.#self.byDefault)) {
      if (this.#layerSkip === undefined) throw whyNoLayerSkip(this.#self);
      sources.push({ name: 'layer_skip', proposer: this.#layerSkip, isFree: false });
    }
    if (sources.length === 0) return NONE;
    const chain = this.#chain(sources, speculation);
    return { proposer: chain, gamma: chain, close: () => remote?.close() };
  }

  /** Keeps what was generated, to be found by the same salt's generations. */
  remember(salt: string | undefined, output: readonly number[]): void {
    this.#past?.enter(salt ?? '', output);
  }

  #lookups(uses: (source: DraftMethod) => boolean): Source[] {
    const sources: Source[] = [];
    if (uses('suffix') && !uses('chain') && this.#past === undefined)
      throw new AppError('invalid_argument', NO_PAST, { field: 'speculation.method' });
    if (uses('prompt_lookup') || uses('suffix'))
      sources.push({ name: 'prompt_lookup', proposer: new PromptLookup(), isFree: true });
    if (uses('suffix') && this.#past !== undefined)
      sources.push({ name: 'suffix', proposer: new SuffixLookup(this.#past), isFree: true });
    return sources;
  }

  #chain(sources: readonly Source[], speculation: Speculation): Chain {
    return new Chain(
      sources.map(
        ({ name, proposer, isFree }): DraftSource => ({
          name,
          proposer,
          knowledge: kept(this.#goodput, name, MOST_KEPT, () => new GoodputKnowledge(isFree)),
          gamma: this.#controller(name, speculation),
        }),
      ),
      speculation.numSpeculativeTokens || MOST_TOKENS,
    );
  }

  /** Of one source. Undefined: goodput, which the chain brings itself. */
  #controller(
    source: string,
    { method, controller, numSpeculativeTokens }: Speculation,
  ): GammaController | undefined {
    const maxTokens = numSpeculativeTokens || MOST_TOKENS;
    // The sources of a chain take the number for a bound: how much is worth drafting differs from one to the other.
    const isChain = method === '' || method === 'chain';
    switch (controller ?? (numSpeculativeTokens > 0 && !isChain ? 'constant' : 'goodput')) {
      case 'constant':
        return new ConstantGamma(maxTokens);
      case 'heuristic':
        return new HeuristicGamma({ max: maxTokens });
      case 'confidence':
        return new ConstantGamma(maxTokens, CONFIDENCE);
      case 'draft_exit':
        return new DraftExitGamma(
          kept(this.#draftExit, source, MOST_KEPT, () => new DraftExitState()),
          { maxTokens: numSpeculativeTokens || MOST_EXIT_TOKENS },
        );
      default:
        return undefined;
    }
  }
}
