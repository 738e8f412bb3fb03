// The drafts that this thread has dialled: connections and their health are shared by all generations.

import { AppError } from '#libs/errors/index.js';
import {
  ChannelPool,
  CircuitBreaker,
  DraftClient,
  RemoteProposer,
  type TlsOptions,
} from '#libs/rpc/index.js';
import { validateProposal } from '#libs/sampling/index.js';
import { DraftVocabularies, type ForeignVocabulary } from './draft-vocabularies.js';
import { kept } from './kept.js';
import { type OpenRemote, RemoteDrafts } from './remote-drafts.js';

/** Clients kept that no generation has asked for lately: pods come and go. */
const MAX_CLIENTS = 64;

export interface TargetVocabulary extends ForeignVocabulary {
  /** The model's, with its tokenizer. */
  readonly folder: string;
}

export class DraftClients {
  private readonly pool: ChannelPool;
  private readonly breaker = new CircuitBreaker({ now: () => performance.now() });
  /** In order of use. */
  private readonly clients = new Map<string, DraftClient>();

  private readonly vocabularies: DraftVocabularies;

  constructor(
    private readonly target: TargetVocabulary,
    tls?: TlsOptions | undefined,
  ) {
    this.pool = new ChannelPool({ tls });
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
    return new RemoteDrafts(endpoints, this.vocabularies, open);
  }

  /** Undefined while it isn't known. */
  modelOf(endpoint: string): string | undefined {
    return this.vocabularies.modelOf(endpoint);
  }

  async close(): Promise<void> {
    await this.vocabularies.close();
    for (const client of this.clients.values()) client.close();
    this.pool.close();
  }

  private open(
    endpoints: readonly string[],
    { vocabSize, vocabularyFingerprint }: ForeignVocabulary,
  ): RemoteProposer {
    return new RemoteProposer({
      drafts: endpoints.map((endpoint) => this.client(endpoint)),
      vocabularyFingerprint,
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
