// Which sources draft for a generation, and which controller decides how much: what a request says under `speculation`.
// What controllers learn about a source is kept here for the generations to come.
import type { Speculation } from '#libs/rpc/index.js';
import {
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

type Source = Omit<DraftSource, 'gamma'>;

export class DraftingSources {
  readonly #goodput = new Map<string, GoodputKnowledge>();
  readonly #draftExit = new Map<string, DraftExitState>();

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
      sources.push({ name: `draft_model ${endpoints[0]}`, proposer: remote, isFree: false });
    if (method === 'layer_skip' || (uses('layer_skip') && this.self.byDefault)) {
      if (this.layerSkip === undefined) throw whyNoLayerSkip(this.self);
      sources.push({ name: 'layer_skip', proposer: this.layerSkip, isFree: false });
    }
    return { ...this.#drafting(sources, speculation), close: () => remote?.close() };
  }

  #drafting(sources: readonly Source[], speculation: Speculation): Pick<Drafting, 'proposer' | 'gamma'> {
    const [only] = sources;
    if (only === undefined) return NONE;
    if (sources.length === 1) return { proposer: only.proposer, gamma: this.#gamma(only.name, speculation) };
    const maxTokens = speculation.numSpeculativeTokens || MOST_TOKENS;
    const chain = new Chain(
      sources.map((source) => ({
        ...source,
        gamma: this.#goodputGamma(source.name, maxTokens),
      })),
    );
    return { proposer: chain, gamma: chain };
  }

  #gamma(source: string, { controller, numSpeculativeTokens }: Speculation): GammaController {
    const maxTokens = numSpeculativeTokens || MOST_TOKENS;
    switch (controller || (numSpeculativeTokens > 0 ? 'constant' : 'goodput')) {
      case 'constant':
        return new ConstantGamma(maxTokens);
      case 'heuristic':
        return new HeuristicGamma({ max: maxTokens });
      case 'confidence':
        return new ConstantGamma(maxTokens, CONFIDENCE);
      case 'draft_exit':
        return new DraftExitGamma(kept(this.#draftExit, source, MOST_KEPT, () => new DraftExitState()));
      default:
        return this.#goodputGamma(source, maxTokens);
    }
  }

  #goodputGamma(source: string, maxTokens: number): GoodputGamma {
    const knowledge = kept(this.#goodput, source, MOST_KEPT, () => new GoodputKnowledge());
    return new GoodputGamma(knowledge, { maxTokens });
  }
}
