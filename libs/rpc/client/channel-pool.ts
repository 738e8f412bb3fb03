// Channels by endpoint, shared by all clients of a process: a connection costs milliseconds, a call microseconds.
import { AppError } from '#libs/errors/index.js';
import { checkEndpoint } from '../convert/endpoint.js';
import type { TlsOptions } from '../tls.js';
import { Channel } from './channel.js';

const CONNECT_TIMEOUT_MS = 1_000;
const MAX_IDLE_CHANNELS = 32;

export interface ChannelPoolOptions {
  /** Default 1000. */
  readonly connectTimeoutMs?: number;
  /** Channels kept open that no client uses; default 32. */
  readonly maxIdleChannels?: number;
  readonly tls?: TlsOptions | undefined;
}

/** One client's share of a channel. */
export interface Lease {
  readonly channel: Channel;
  /** Idempotent. */
  release(): void;
}

interface Entry {
  readonly channel: Channel;
  users: number;
}

export class ChannelPool {
  /** In order of last use by a new client: the idle ones to drop come first. */
  readonly #entries = new Map<string, Entry>();
  #closed = false;

  constructor(private readonly options: ChannelPoolOptions = {}) {}

  /** Throws invalid_argument for anything but host:port. Connects on the first call, not here. */
  lease(endpoint: string): Lease {
    if (this.#closed) throw new AppError('unavailable', 'The channel pool is closed.');
    const entry = this.#entries.get(endpoint) ?? this.#open(endpoint);
    this.#entries.delete(endpoint);
    this.#entries.set(endpoint, entry);
    entry.users++;
    let released = false;
    const release = () => {
      if (released) return;
      released = true;
      entry.users--;
      this.#dropIdle();
    };
    return { channel: entry.channel, release };
  }

  /** Closes every channel, each when its calls have ended; new calls fail. */
  close(): void {
    this.#closed = true;
    for (const { channel } of this.#entries.values()) channel.close();
    this.#entries.clear();
  }

  #open(endpoint: string): Entry {
    const { connectTimeoutMs = CONNECT_TIMEOUT_MS, tls } = this.options;
    return { channel: new Channel(checkEndpoint(endpoint), connectTimeoutMs, tls), users: 0 };
  }

  #dropIdle(): void {
    const idle = [...this.#entries].filter(([, entry]) => entry.users === 0);
    const surplus = idle.length - (this.options.maxIdleChannels ?? MAX_IDLE_CHANNELS);
    for (const [endpoint, { channel }] of idle.slice(0, Math.max(surplus, 0))) {
      channel.close();
      this.#entries.delete(endpoint);
    }
  }
}
