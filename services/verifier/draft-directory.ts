// Which drafts a verifier dials: only those that the registry (or the configuration) lists, whatever a gateway asks for,
// so that nobody can make this process connect elsewhere.
import type { HostContext } from '#libs/hosting/index.js';
import { ChannelPool, CircuitBreaker, DraftClient, RemoteProposer } from '#libs/rpc/index.js';

export class DraftDirectory {
  private readonly pool = new ChannelPool();
  private readonly breaker = new CircuitBreaker({ now: () => performance.now() });
  private readonly clients = new Map<string, DraftClient>();

  constructor(private readonly context: HostContext) {}

  /** A proposer over those of the endpoints that are known, in the order given; undefined when there are none. */
  proposer(endpoints: readonly string[]): RemoteProposer | undefined {
    const known = new Set(this.context.session.registry.workers('draft').map((worker) => worker.endpoint));
    const drafts = endpoints
      .filter((endpoint) => known.has(endpoint))
      .map((endpoint) => this.client(endpoint));
    if (drafts.length === 0) return undefined;
    return new RemoteProposer({ drafts, breaker: this.breaker, now: () => performance.now() });
  }

  private client(endpoint: string): DraftClient {
    let client = this.clients.get(endpoint);
    if (client === undefined) {
      client = new DraftClient(endpoint, this.pool);
      this.clients.set(endpoint, client);
    }
    return client;
  }
}
