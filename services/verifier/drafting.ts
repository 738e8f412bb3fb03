// Which sources draft for a generation, and which controller decides how much: what a request says under `speculation`.
// What controllers learn about a source is kept here for the generations to come, and so is what they generated.
import { AppError } from '#libs/errors/index.js';
import type { Speculation } from '#libs/rpc/index.js';
import {
  ConstantGamma,
  type DraftMethod,
  type FeatureWindow,
  type GammaController,
  type PastOutputs,
  PromptLookup,
  type Proposer,
  SuffixLookup,
} from '#libs/speculative/index.js';
import type { DraftClients } from './draft-clients.js';
import type { GrammarLiterals } from './grammar-literals.js';
import type { LayerSkipProposer } from './layer-skip.js';
import type { LocalDraft, LocalProposer } from './local-draft.js';
import type { RemoteDrafts } from './remote-drafts.js';
import { type SelfDrafting, whyNoLayerSkip } from './self-drafting.js';
import { type Source, SourceLessons } from './source-lessons.js';
import type { TunedLengths } from './tuned-lengths.js';

type DraftModel = Source & { readonly proposer: RemoteDrafts | LocalProposer };

/** Who drafts, and how much. Without a proposer every round is plain decoding. */
export interface Drafting {
  readonly proposer: Proposer | undefined;
  readonly gamma: GammaController;
  /** Where features are kept, if a draft may read them. */
  readonly featureWindow?: FeatureWindow | undefined;
  close(): void;
}

/** A literal's tokens are nearly certain, so that long drafts of them pay. */
const MOST_FORCED_TOKENS = 16;
/**
 * Generations beside which a draft in the target's thread is not worth its time: every step of it keeps all of them waiting, and
 * rows of a shared forward are cheap (docs/decisions/0032).
 */
const CROWD = 6;
const NO_PAST =
  'This verifier keeps no outputs to look up (OUTRIDER_PAST_OUTPUT_BYTES is 0); choose another speculation.method.';
const PLAIN: Drafting = { proposer: undefined, gamma: new ConstantGamma(0), close: () => {} };

export interface OwnSources {
  /** A draft model in this thread: then no other is asked. */
  readonly local?: LocalDraft | undefined;
  readonly self?: SelfDrafting;
  readonly layerSkip?: LayerSkipProposer | undefined;
  readonly tuned?: TunedLengths | undefined;
  /** Undefined: nothing is kept of what was generated. */
  readonly past?: PastOutputs | undefined;
}

export class DraftingSources {
  readonly #lessons = new SourceLessons();
  readonly #local: LocalDraft | undefined;
  readonly #self: SelfDrafting;
  readonly #layerSkip: LayerSkipProposer | undefined;
  readonly #tuned: TunedLengths | undefined;
  readonly #past: PastOutputs | undefined;

  constructor(
    private readonly drafts: DraftClients,
    {
      local,
      self = { model: 'the model', canSkip: false, byDefault: false },
      layerSkip,
      tuned,
      past,
    }: OwnSources = {},
  ) {
    this.#local = local;
    this.#self = self;
    this.#layerSkip = layerSkip;
    this.#tuned = tuned;
    this.#past = past;
  }

  /**
   * @param endpoints Of drafts that may be dialled, in order of preference.
   * @param literals Drafts what the request's grammar forces.
   * @throws AppError invalid_argument if the method is one that this verifier lacks.
   */
  start(speculation: Speculation, endpoints: readonly string[], literals?: GrammarLiterals): Drafting {
    const { close, ...drafting } = this.#drafting(speculation, endpoints, literals);
    const leave = this.#lessons.enter();
    return {
      ...drafting,
      close: () => {
        leave();
        close();
      },
    };
  }

  #drafting(
    speculation: Speculation,
    endpoints: readonly string[],
    literals: GrammarLiterals | undefined,
  ): Drafting {
    if (!speculation.enabled) return PLAIN;
    const { method } = speculation;
    const uses = (source: DraftMethod) => method === source || method === 'chain' || method === '';
    const model = uses('draft_model') ? this.#draftModel(endpoints, speculation) : undefined;
    const sources = this.#lookups(uses).map((source) => {
      return literals === undefined ? source : { ...source, proposer: literals.within(source.proposer) };
    });
    if (literals !== undefined && uses('chain'))
      sources.push({ name: 'grammar', proposer: literals, isFree: true, maxTokens: MOST_FORCED_TOKENS });
    if (model !== undefined) sources.push(model);
    if (method === 'layer_skip' || (uses('layer_skip') && this.#self.byDefault)) {
      if (this.#layerSkip === undefined) throw whyNoLayerSkip(this.#self);
      sources.push({ name: 'layer_skip', proposer: this.#layerSkip, isFree: false });
    }
    if (sources.length === 0) return PLAIN;
    const chain = this.#lessons.chain(sources, speculation, literals !== undefined);
    const { featureWindow } = model?.proposer ?? {};
    return { proposer: chain, gamma: chain, featureWindow, close: () => model?.proposer.close() };
  }

  /** That of this thread if there is one; it never works ahead, since one thread computes one thing at a time. */
  #draftModel(endpoints: readonly string[], speculation: Speculation): DraftModel | undefined {
    const local = this.#local;
    if (local !== undefined) {
      const isCrowded = this.#lessons.running >= CROWD && speculation.method !== 'draft_model';
      if (isCrowded) return undefined;
      const tuned = this.#tuned?.settingFor(local.model, speculation);
      return { name: 'draft_model of this thread', proposer: local.proposer(), isFree: false, tuned };
    }
    const remote = this.drafts.proposer(endpoints);
    if (remote === undefined) return undefined;
    const tuned = this.#tuned?.settingFor(this.drafts.modelOf(endpoints[0]!), speculation);
    return { name: `draft_model ${endpoints[0]}`, proposer: remote, isFree: false, worksAhead: true, tuned };
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
}
