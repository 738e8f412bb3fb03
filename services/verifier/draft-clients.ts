// The drafts that this thread has dialled: connections and their health are shared by all generations.

import { AppError } from '#libs/errors/index.js';
import { ChannelPool, CircuitBreaker, DraftClient, RemoteProposer } from '#libs/rpc/index.js';
import { validateProposal } from '#libs/sampling/index.js';

/** Clients kept that no generation has asked for lately: pods come and go. */
const MAX_CLIENTS = 64;

export class DraftClients {
  private readonly pool = new ChannelPool();
  private readonly breaker = new CircuitBreaker({ now: () => performance.now() });
  /** In order of use. */
  private readonly clients = new Map<string, DraftClient>();

  constructor(
    private readonly vocabSize: number,
    private readonly vocabularyFingerprint: string,
  ) {}

  /** A proposer for one generation over the drafts, in order of preference; undefined when there are none. */
  proposer(endpoints: readonly string[]): RemoteProposer | undefined {
    if (endpoints.length === 0) return undefined;
    return new RemoteProposer({
      drafts: endpoints.map((endpoint) => this.client(endpoint)),
      vocabularyFingerprint: this.vocabularyFingerprint,
      breaker: this.breaker,
      now: () => performance.now(),
      validate: (proposal) => {
        const lie = validateProposal(proposal, {
          vocabSize: this.vocabSize,
          maxTokens: proposal.tokens.length,
        });
        if (lie !== undefined) throw new AppError('internal', `The draft's proposal is invalid: ${lie}.`);
      },
    });
  }

  close(): void {
    for (const client of this.clients.values()) client.close();
    this.pool.close();
  }

  private client(endpoint: string): DraftClient {
    const client = this.clients.get(endpoint) ?? new DraftClient(endpoint, this.pool);
    this.clients.delete(endpoint);
    this.clients.set(endpoint, client);
    if (this.clients.size > MAX_CLIENTS) this.clients.delete(this.clients.keys().next().value as string);
    return client;
  }
}
