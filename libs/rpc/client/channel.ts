// One HTTP/2 connection to a peer. Calls start only when it is up, so that a dead peer costs a bounded wait: grpc-js
// alone would queue calls for its connect timeout of 20 s when packets vanish.
import { Client, connectivityState } from '@grpc/grpc-js';
import { AppError } from '#libs/errors/index.js';
import { MAX_MESSAGE_BYTES } from '../limits.js';
import { channelCredentials, type TlsOptions, tlsChannelOptions } from '../tls.js';
import { abortable } from './abortable.js';
import { Connection } from './connection.js';

const KEEPALIVE_TIME_MS = 10_000;
const KEEPALIVE_TIMEOUT_MS = 5_000;
const MIN_RECONNECT_BACKOFF_MS = 50;
const MAX_RECONNECT_BACKOFF_MS = 1_000;

export class Channel {
  #connection: Connection;
  #isClosed = false;
  #settling: Promise<boolean> | undefined;

  constructor(
    readonly endpoint: string,
    private readonly connectTimeoutMs: number,
    private readonly tls: TlsOptions | undefined,
  ) {
    this.#connection = this.#open();
  }

  /** For one call: when there were many resets, later calls get another one. */
  get connection(): Connection {
    return this.#connection;
  }

  get connected(): boolean {
    if (this.#isClosed) return false;
    return this.#connection.client.getChannel().getConnectivityState(false) === connectivityState.READY;
  }

  /** Resolves when calls can start; `unavailable` when the peer refuses, or stays silent for the connect timeout. */
  async connect(signal: AbortSignal): Promise<void> {
    if (this.connected) return;
    if (this.#isClosed) throw new AppError('unavailable', `The channel to ${this.endpoint} is closed.`);
    this.#settling ??= this.#settle(Date.now() + this.connectTimeoutMs).finally(() => {
      this.#settling = undefined;
    });
    if (await abortable(this.#settling, signal)) return;
    throw new AppError('unavailable', `No connection to ${this.endpoint}: is the service up and reachable?`);
  }

  /** Calls that run go on, new ones fail. */
  close(): void {
    this.#isClosed = true;
    this.#connection.retire();
  }

  /** Waits out IDLE and CONNECTING; true if that ended in READY. */
  #settle(deadline: number): Promise<boolean> {
    const channel = this.#connection.client.getChannel();
    return new Promise((resolve) => {
      const look = (error?: Error) => {
        const state = channel.getConnectivityState(true);
        const pending = state === connectivityState.IDLE || state === connectivityState.CONNECTING;
        if (error !== undefined || !pending) return resolve(state === connectivityState.READY);
        channel.watchConnectivityState(state, deadline, look);
      };
      look();
    });
  }

  #open(): Connection {
    const client = new Client(`dns:///${this.endpoint}`, channelCredentials(this.tls), {
      'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
      'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
      'grpc.keepalive_time_ms': KEEPALIVE_TIME_MS,
      'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
      'grpc.initial_reconnect_backoff_ms': MIN_RECONNECT_BACKOFF_MS,
      'grpc.max_reconnect_backoff_ms': MAX_RECONNECT_BACKOFF_MS,
      'grpc.dns_min_time_between_resolutions_ms': MAX_RECONNECT_BACKOFF_MS,
      'grpc.service_config_disable_resolution': 1,
      'grpc.use_local_subchannel_pool': 1,
      'grpc.enable_retries': 0,
      'grpc.enable_http_proxy': 0,
      'grpc.enable_channelz': 0,
      ...tlsChannelOptions(this.tls),
    });
    const connection = new Connection(client, () => {
      if (connection !== this.#connection) return;
      this.#connection = this.#open();
      connection.retire();
    });
    return connection;
  }
}
