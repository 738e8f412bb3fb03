// Pins in Redis, shared by all gateways: one script a claim, so that concurrent claims agree on one pin.
import { AppError } from '#libs/errors/index.js';
import { CLAIM } from './lua/claim-1.lua.js';
import { askRedis, connectRedis, type RedisClient, type RedisLink } from './redis-connection.js';
import { RedisKeys } from './redis-keys.js';
import { assertSessionId } from './session-id.js';
import type { ClaimRequest, Pin, SessionStore } from './session-store.js';

export interface RedisSessionStoreOptions extends RedisLink {
  readonly url: string;
  readonly leaseMs: number;
  readonly namespace?: string;
}

type ClaimingRedis = RedisClient & {
  claimSession(...keysAndArguments: (string | number)[]): Promise<[string, string, string] | null>;
};

export class RedisSessionStore implements SessionStore {
  readonly #client: ClaimingRedis;
  readonly #keys: RedisKeys;

  private constructor(
    client: RedisClient,
    keys: RedisKeys,
    private readonly leaseMs: number,
  ) {
    client.defineCommand('claimSession', { lua: CLAIM, numberOfKeys: 1 });
    this.#client = client as ClaimingRedis;
    this.#keys = keys;
  }

  static async open({
    url,
    leaseMs,
    namespace,
    ...timeouts
  }: RedisSessionStoreOptions): Promise<RedisSessionStore> {
    const keys = new RedisKeys(namespace);
    return new RedisSessionStore(await connectRedis(url, timeouts), keys, leaseMs);
  }

  async claim({ sessionId, candidate, liveVerifierIds, liveDraftIds }: ClaimRequest): Promise<Pin | null> {
    assertSessionId(sessionId);
    const reply = await askRedis(this.#client, 'claim a session', () =>
      this.#client.claimSession(
        this.#keys.pin(sessionId),
        candidate.verifierId,
        candidate.draftId,
        this.leaseMs,
        liveVerifierIds.length,
        ...liveVerifierIds,
        ...liveDraftIds,
      ),
    );
    if (reply === null) return null;
    const [verifierId, draftId, generation] = reply;
    if (!/^[0-9]{1,18}$/.test(generation))
      throw new AppError('unavailable', 'Redis holds a session pin whose generation is not a number.');
    return { verifierId, draftId, generation: BigInt(generation) };
  }

  async release(sessionId: string): Promise<void> {
    assertSessionId(sessionId);
    await askRedis(this.#client, 'release a session', () => this.#client.del(this.#keys.pin(sessionId)));
  }

  async close(): Promise<void> {
    this.#client.disconnect();
  }
}
