// One client of grpc-js and the calls on it. It is closed when the last of them has ended, not before: on a connection that
// is closing Node sends no more pings, so that grpc-js's next keepalive fails and takes down whatever still runs.
import type { Client } from '@grpc/grpc-js';
import { ResetBudget } from './reset-budget.js';

export class Connection {
  readonly #resets = new ResetBudget(() => performance.now());
  #calls = 0;
  #isRetired = false;

  /** @param onExhausted Told when later calls should go elsewhere. */
  constructor(
    readonly client: Client,
    private readonly onExhausted: () => void,
  ) {}

  /** A call has begun on `client`. */
  begin(): void {
    this.#calls++;
  }

  /** A call is over. */
  end(): void {
    this.#calls--;
    this.#closeIfUnused();
  }

  /** A call was reset. */
  countReset(): void {
    if (!this.#isRetired && !this.#resets.spend()) this.onExhausted();
  }

  /** No call will begin any more. */
  retire(): void {
    this.#isRetired = true;
    this.#closeIfUnused();
  }

  #closeIfUnused(): void {
    if (this.#isRetired && this.#calls === 0) this.client.close();
  }
}
