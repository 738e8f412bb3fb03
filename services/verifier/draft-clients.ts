// The drafts that this thread has dialled: connections and their health are shared by all generations.

import { AppError } from '#libs/errors/index.js';
import {
  ChannelPool,
  CircuitBreaker,
  DraftClient,
  mostFeatureRows,
  RemoteProposer,
  type TlsOptions,
} from '#libs/rpc/index.js';
import { validateProposal } from '#libs/sampling/index.js';
import {
  type FeatureLayout,
  FeatureMemory,
  FeatureWindow,
  isSameLayout,
  MOST_FEATURE_ROWS,
} from '#libs/speculative/index.js';
import { DraftVocabularies, type ForeignVocabulary } from './draft-vocabularies.js';
import { kept } from './kept.js';
import { type OpenRemote, RemoteDrafts } from './remote-drafts.js';

/** Clients kept that no generation has asked for lately: pods come and go. */
const MAX_CLIENTS = 64;

/** What of the target decides how drafts are spoken to. */
export interface DraftedTarget extends ForeignVocabulary {
  /** The model's, with its tokenizer. */
  readonly folder: string;
  /** Those it gives. */
  readonly features?: FeatureLayout | undefined;
}

export interface DraftClientsOptions {
  readonly tls?: TlsOptions | undefined;
  /** Bound of the features kept for drafts that read them. Default 0: none are. */
  readonly featureBytes?: number | undefined;
}

export class DraftClients {
  private readonly pool: ChannelPool;
  private readonly breaker = new CircuitBreaker({ now: () => performance.now() });
  /** In order of use. */
  private readonly clients = new Map<string, DraftClient>();
  private readonly vocabularies: DraftVocabularies;
  private readonly features: FeatureMemory | undefined;

  constructor(
    private readonly target: DraftedTarget,
    { tls, featureBytes = 0 }: DraftClientsOptions = {},
  ) {
    this.pool = new ChannelPool({ tls });
    this.features = target.features && featureBytes > 0 ? new FeatureMemory(featureBytes) : undefined;
    this.vocabularies = new DraftVocabularies({
      targetFolder: target.folder,
      vocabularyFingerprint: target.vocabularyFingerprint,
      client: (endpoint) => this.client(endpoint),
      now: () => performance.now(),
    });
  }

  /** A proposer for one generation over the drafts, in order of preference; undefined when there are none. */
  proposer(endpoints: readonly string[]): RemoteDrafts | undefined {
    if (endpoints.length === 0) return undefined;
    const open: OpenRemote = (some, vocabulary = this.target) => this.open(some, vocabulary);
    return new RemoteDrafts(endpoints, this.vocabularies, open, this.featureWindow(endpoints));
  }

  /** Undefined while it isn't known. */
  modelOf(endpoint: string): string | undefined {
    return this.vocabularies.infoOf(endpoint)?.model;
  }

  async close(): Promise<void> {
    await this.vocabularies.close();
    for (const client of this.clients.values()) client.close();
    this.pool.close();
  }

  /** For one generation; undefined if no draft is ever sent any. */
  private featureWindow(endpoints: readonly string[]): FeatureWindow | undefined {
    const { features: memory } = this;
    const { width } = this.target.features ?? {};
    if (memory === undefined || width === undefined) return undefined;
    const mostRows = Math.min(MOST_FEATURE_ROWS, mostFeatureRows(width));
    // Of a draft that hasn't answered yet it may turn out that it reads them.
    const isWanted = () => endpoints.some((endpoint) => this.readsFeatures(endpoint) !== false);
    return new FeatureWindow({ width, memory, mostRows, isWanted });
  }

  /** Whether the draft there reads what this target gives; undefined while it isn't known. */
  private readsFeatures(endpoint: string): boolean | undefined {
    const { features, vocabularyFingerprint } = this.target;
    const info = this.vocabularies.infoOf(endpoint);
    // Positions of a translated text aren't the target's.
    if (info !== undefined && info.vocabularyFingerprint !== vocabularyFingerprint) return false;
    return info && isSameLayout(features, info.features);
  }

  private open(
    endpoints: readonly string[],
    { vocabSize, vocabularyFingerprint }: ForeignVocabulary,
  ): RemoteProposer {
    return new RemoteProposer({
      drafts: endpoints.map((endpoint) => this.client(endpoint)),
      vocabularyFingerprint,
      readsFeatures: (endpoint) => this.readsFeatures(endpoint) === true,
      breaker: this.breaker,
      now: () => performance.now(),
      validate: (proposal) => {
        const lie = validateProposal(proposal, { vocabSize, maxTokens: proposal.tokens.length });
        if (lie !== undefined) throw new AppError('internal', `The draft's proposal is invalid: ${lie}.`);
      },
    });
  }

  private client(endpoint: string): DraftClient {
    return kept(this.clients, endpoint, MAX_CLIENTS, () => new DraftClient(endpoint, this.pool));
  }
}
