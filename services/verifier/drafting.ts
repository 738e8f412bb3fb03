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
  controllerOf,
  type DraftMethod,
  type DraftSource,
  GAMMA_CONTROLLERS,
  type GammaController,
  GammaLessons,
  type GammaSetting,
  GoodputGamma,
  PromptLookup,
  type Proposer,
  RatedAheadGamma,
  type RatedGamma,
} from '#libs/speculative/index.js';
import type { DraftClients } from './draft-clients.js';
import { kept } from './kept.js';
import type { LayerSkipProposer } from './layer-skip.js';
import { type SelfDrafting, whyNoLayerSkip } from './self-drafting.js';
import type { TunedLengths } from './tuned-lengths.js';

/** Who drafts, and how much. Without a proposer every round is plain decoding. */
export interface Drafting {
  readonly proposer: Proposer | undefined;
  readonly gamma: GammaController;
  close(): void;
}

const MOST_TOKENS = 8;
/** K of Draft & Verify. */
const MOST_EXIT_TOKENS = 12;
/** Sources whose lessons are kept: drafts come and go. */
const MOST_KEPT = 64;
const NONE: Drafting = { proposer: undefined, gamma: new ConstantGamma(0), close: () => {} };

type Source = Omit<DraftSource, 'gamma'> & {
  /** Whether it can draft while the target verifies. */
  readonly worksAhead?: boolean;
};

export class DraftingSources {
  readonly #lessons = new Map<string, GammaLessons>();
  readonly #aheadChoices = new Map<string, AheadChoice>();

  constructor(
    private readonly drafts: DraftClients,
    private readonly self: SelfDrafting = { model: 'the model', canSkip: false, byDefault: false },
    private readonly layerSkip?: LayerSkipProposer | undefined,
    private readonly tuned?: TunedLengths | undefined,
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
    const tuned = remote && this.tuned?.settingFor(endpoints[0], speculation);
    return { ...this.#drafting(sources, speculation, tuned), close: () => remote?.close() };
  }

  /** @param tuned Of the draft model. */
  #drafting(
    sources: readonly Source[],
    speculation: Speculation,
    tuned: GammaSetting | undefined,
  ): Pick<Drafting, 'proposer' | 'gamma'> {
    const [only] = sources;
    if (only === undefined) return NONE;
    if (sources.length === 1) {
      const gamma = controllerOf(tuned ?? settingOf(speculation), this.#lessonsOf(only.name));
      return { proposer: only.proposer, gamma: this.#ahead(gamma, only, speculation) };
    }
    const chain = new Chain(
      sources.map((source) => {
        const own = source.isFree ? undefined : tuned?.maxTokens;
        const maxTokens = own ?? (speculation.numSpeculativeTokens || MOST_TOKENS);
        const gamma = new GoodputGamma(this.#lessonsOf(source.name).goodput, { maxTokens });
        return { ...source, gamma: this.#ratedAhead(gamma, source, speculation) };
      }),
    );
    return { proposer: chain, gamma: chain };
  }

  #ahead(gamma: GammaController, source: Source, speculation: Speculation): GammaController {
    if (gamma instanceof GoodputGamma) return this.#ratedAhead(gamma, source, speculation);
    const policy = this.#policy(source, speculation);
    return policy === undefined ? gamma : new AheadGamma(gamma, policy);
  }

  #ratedAhead(gamma: RatedGamma, source: Source, speculation: Speculation): RatedGamma {
    const policy = this.#policy(source, speculation);
    return policy === undefined ? gamma : new RatedAheadGamma(gamma, policy);
  }

  /** Undefined: it never works ahead. */
  #policy({ name, worksAhead }: Source, { optimistic = 'auto' }: Speculation): AheadPolicy | undefined {
    if (!worksAhead || optimistic === 'off') return undefined;
    return optimistic === 'on'
      ? ALWAYS_AHEAD
      : kept(this.#aheadChoices, name, MOST_KEPT, () => new AheadChoice());
  }

  #lessonsOf(source: string): GammaLessons {
    return kept(this.#lessons, source, MOST_KEPT, () => new GammaLessons());
  }
}

/** What a request chooses for its only source. */
function settingOf({ controller: named, numSpeculativeTokens }: Speculation): GammaSetting {
  const known = GAMMA_CONTROLLERS.find((each) => each === named);
  const controller = known ?? (numSpeculativeTokens > 0 ? 'constant' : 'goodput');
  const most = controller === 'draft_exit' ? MOST_EXIT_TOKENS : MOST_TOKENS;
  return { controller, maxTokens: numSpeculativeTokens || most };
}
