// Which sources draft for a generation, and which controller decides how much: what a request says under `speculation`.
// What controllers learn about a source is kept here for the generations to come.
import type { Speculation } from '#libs/rpc/index.js';
import {
  AheadChoice,
  AheadGamma,
  type AheadPolicy,
  ALWAYS_AHEAD,
  Chain,
  ConstantGamma,
  DraftExitGamma,
  DraftExitState,
  type DraftMethod,
  type DraftSource,
  type GammaController,
  GoodputGamma,
  GoodputKnowledge,
  HeuristicGamma,
  PromptLookup,
  type Proposer,
  RatedAheadGamma,
  type RatedGamma,
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
/** Sources whose lessons are kept: drafts come and go. */
const MOST_KEPT = 64;
const NONE: Drafting = { proposer: undefined, gamma: new ConstantGamma(0), close: () => {} };

type Source = Omit<DraftSource, 'gamma'> & {
  /** Whether it can draft while the target verifies. */
  readonly worksAhead?: boolean;
};

export class DraftingSources {
  readonly #goodput = new Map<string, GoodputKnowledge>();
  readonly #draftExit = new Map<string, DraftExitState>();
  readonly #ahead = new Map<string, AheadChoice>();

  constructor(
    private readonly drafts: DraftClients,
    private readonly self: SelfDrafting = { model: 'the model', canSkip: false, byDefault: false },
    private readonly layerSkip?: LayerSkipProposer | undefined,
  ) {}

  /**
   * @param endpoints Of drafts that may be dialled, in order of preference.
   * @throws AppError invalid_argument if the method is layer_skip and this target can't.
   */
  start(speculation: Speculation, endpoints: readonly string[]): Drafting {
    if (!speculation.enabled) return NONE;
    const { method } = speculation;
    const uses = (source: DraftMethod) => method === source || method === 'chain' || method === '';
    const remote = uses('draft_model') ? this.drafts.proposer(endpoints) : undefined;
    const sources: Source[] = [];
    if (uses('prompt_lookup'))
      sources.push({ name: 'prompt_lookup', proposer: new PromptLookup(), isFree: true });
    if (remote !== undefined)
      sources.push({
        name: `draft_model ${endpoints[0]}`,
        proposer: remote,
        isFree: false,
        worksAhead: true,
      });
    if (method === 'layer_skip' || (uses('layer_skip') && this.self.byDefault)) {
      if (this.layerSkip === undefined) throw whyNoLayerSkip(this.self);
      sources.push({ name: 'layer_skip', proposer: this.layerSkip, isFree: false });
    }
    return { ...this.#drafting(sources, speculation), close: () => remote?.close() };
  }

  #drafting(sources: readonly Source[], speculation: Speculation): Pick<Drafting, 'proposer' | 'gamma'> {
    const [only] = sources;
    if (only === undefined) return NONE;
    if (sources.length === 1) return { proposer: only.proposer, gamma: this.#gamma(only, speculation) };
    const maxTokens = speculation.numSpeculativeTokens || MOST_TOKENS;
    const chain = new Chain(
      sources.map((source) => ({
        ...source,
        gamma: this.#ratedGamma(source, maxTokens, this.#policy(source, speculation)),
      })),
    );
    return { proposer: chain, gamma: chain };
  }

  #gamma(source: Source, speculation: Speculation): GammaController {
    const policy = this.#policy(source, speculation);
    const { controller, numSpeculativeTokens } = speculation;
    const maxTokens = numSpeculativeTokens || MOST_TOKENS;
    const ahead = (gamma: GammaController) => (policy === undefined ? gamma : new AheadGamma(gamma, policy));
    switch (controller || (numSpeculativeTokens > 0 ? 'constant' : 'goodput')) {
      case 'constant':
        return ahead(new ConstantGamma(maxTokens));
      case 'heuristic':
        return ahead(new HeuristicGamma({ max: maxTokens }));
      case 'confidence':
        return ahead(new ConstantGamma(maxTokens, CONFIDENCE));
      case 'draft_exit': {
        const state = kept(this.#draftExit, source.name, MOST_KEPT, () => new DraftExitState());
        return ahead(new DraftExitGamma(state));
      }
      default:
        return this.#ratedGamma(source, maxTokens, policy);
    }
  }

  #ratedGamma({ name }: Source, maxTokens: number, policy: AheadPolicy | undefined): RatedGamma {
    const knowledge = kept(this.#goodput, name, MOST_KEPT, () => new GoodputKnowledge());
    const gamma = new GoodputGamma(knowledge, { maxTokens });
    return policy === undefined ? gamma : new RatedAheadGamma(gamma, policy);
  }

  /** Undefined: it never works ahead. */
  #policy({ name, worksAhead }: Source, { optimistic = 'auto' }: Speculation): AheadPolicy | undefined {
    if (!worksAhead || optimistic === 'off') return undefined;
    return optimistic === 'on' ? ALWAYS_AHEAD : kept(this.#ahead, name, MOST_KEPT, () => new AheadChoice());
  }
}
