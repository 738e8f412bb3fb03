// Membership through Redis. Workers write entries that expire; everybody reads them at intervals, and at once when a
// message says that something changed. Redis decides what has expired: no clock is compared between machines.
import { randomUUID } from 'node:crypto';
import { AppError } from '#libs/errors/index.js';
import { Coalesced } from './coalesced.js';
import { Degradation, type DegradedListener } from './degradation.js';
import { FirstReading } from './first-reading.js';
import { FORGET } from './lua/forget-2.lua.js';
import { HEARTBEAT } from './lua/heartbeat-3.lua.js';
import { Membership } from './membership.js';
import { MembershipReader } from './membership-reader.js';
import { connectRedis, type RedisClient, type RedisLink } from './redis-connection.js';
import { RedisKeys } from './redis-keys.js';
import { type HeartbeatOptions, RedisRegistration, type RegistryRedis } from './redis-registration.js';
import type { Registration, Registry, Role, WorkerRecord } from './registry.js';
import { checkWorkerRecord } from './worker-record.js';
import type { WorkerStatus } from './worker-status.js';

export interface RedisRegistryOptions extends RedisLink {
  readonly url: string;
  readonly namespace?: string;
  /** How long an entry outlives its last heartbeat. Default 5000. */
  readonly ttlMs?: number;
  /** Default 1500. */
  readonly heartbeatMs?: number;
  /** How often membership is read even if no message comes. Default 1000. */
  readonly refreshMs?: number;
  /** Whether to read what verifiers tell of themselves: for those who choose between them. Default false. */
  readonly readsStatus?: boolean;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly onDegraded?: DegradedListener;
  /** Told once of an entry that is no worker record. */
  readonly onMalformed?: (role: Role, id: string) => void;
}

export class RedisRegistry implements Registry {
  readonly #membership: Membership;
  readonly #reader: MembershipReader;
  readonly #readDegradation: Degradation;
  readonly #heartbeats: HeartbeatOptions;
  readonly #registrations = new Set<RedisRegistration>();
  readonly #firstReading = new FirstReading();
  readonly #refreshes = new Coalesced(() => this.#readOnce());
  readonly #timer: NodeJS.Timeout;
  readonly #subscriber: RedisClient;
  #closed = false;

  private constructor(
    client: RedisClient,
    subscriber: RedisClient,
    keys: RedisKeys,
    options: RedisRegistryOptions,
  ) {
    const {
      ttlMs = 5000,
      heartbeatMs = 1500,
      refreshMs = 1000,
      readsStatus = false,
      now,
      onDegraded,
      onMalformed = () => {},
    } = options;
    client.defineCommand('heartbeat', { lua: HEARTBEAT, numberOfKeys: 3 });
    client.defineCommand('forgetWorker', { lua: FORGET, numberOfKeys: 2 });
    const scripted = client as RegistryRedis;
    this.#membership = new Membership(ttlMs, now);
    this.#reader = new MembershipReader({ client: scripted, keys, readsStatus, onMalformed });
    this.#readDegradation = new Degradation('registry', onDegraded);
    const degradation = new Degradation('heartbeat', onDegraded);
    this.#heartbeats = { client: scripted, keys, ttlMs, heartbeatMs, freshEpoch: randomUUID(), degradation };
    this.#subscriber = subscriber;
    this.#timer = setInterval(() => void this.refresh(), refreshMs);
    client.on('ready', () => void this.#resume());
    this.#listen();
  }

  /** Connects and reads once; a Redis that is away delays this by one attempt and is retried in the background. */
  static async open(options: RedisRegistryOptions): Promise<RedisRegistry> {
    const keys = new RedisKeys(options.namespace);
    // Two, because under RESP2 a subscribed connection takes no other commands.
    const [client, subscriber] = await Promise.all([
      connectRedis(options.url, options),
      connectRedis(options.url, options),
    ]);
    const registry = new RedisRegistry(client, subscriber, keys, options);
    await registry.refresh();
    return registry;
  }

  async register(worker: WorkerRecord, status?: () => WorkerStatus): Promise<Registration> {
    const record = checkWorkerRecord(worker);
    if (this.#closed)
      throw new AppError('cancelled', 'The registry is closed; open another one to register.');
    const onClosed = (closed: RedisRegistration) => void this.#registrations.delete(closed);
    const registration = new RedisRegistration(record, this.#heartbeats, onClosed, status);
    this.#registrations.add(registration);
    await registration.beat();
    await this.refresh();
    return registration;
  }

  workers(role: Role): readonly WorkerRecord[] {
    return this.#membership.workers(role);
  }

  ready(signal?: AbortSignal): Promise<void> {
    return this.#firstReading.wait(signal);
  }

  /** Reads membership now. Never throws: a failure leaves the last answer and is told to `onDegraded`. */
  refresh(): Promise<void> {
    return this.#refreshes.run();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    this.#firstReading.closed();
    await Promise.all([...this.#registrations].map((registration) => registration.close()));
    this.#subscriber.disconnect();
    this.#heartbeats.client.disconnect();
  }

  async #readOnce(): Promise<void> {
    if (this.#closed) return;
    try {
      this.#membership.observe(await this.#reader.read());
      this.#firstReading.done();
      this.#readDegradation.recovered();
    } catch (cause) {
      if (this.#closed) return;
      this.#membership.lose();
      this.#readDegradation.failed(cause);
    }
  }

  /** After a reconnection: write our own entries back first, Redis may have come back empty. */
  async #resume(): Promise<void> {
    await Promise.all([...this.#registrations].map((registration) => registration.beat()));
    await this.refresh();
  }

  #listen(): void {
    const { changes } = this.#heartbeats.keys;
    // A message missed while disconnected is made good by the reading that follows each subscription.
    const subscribe = () =>
      this.#subscriber.subscribe(changes).then(
        () => this.refresh(),
        () => {},
      );
    this.#subscriber.on('ready', subscribe).on('message', () => void this.refresh());
    if (this.#subscriber.status === 'ready') void subscribe();
  }
}
