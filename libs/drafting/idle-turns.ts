// When to do what nobody has asked for yet: only while nobody is asking, and after a while in which messages could arrive.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Waiters } from '#libs/engine/index.js';

/** A message that has arrived becomes a request within so many turns of the event loop: socket, stream, handler. */
const TURNS_BEFORE_IDLE = 2;

export class IdleTurns {
  #numAsked = 0;
  #isWatching = false;
  readonly #idle = new Waiters();
  readonly #quiet = new Waiters();

  /** For what somebody has asked for: no idle turn is given before it is over. */
  async busy<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#numAsked++;
    try {
      return await work();
    } finally {
      this.#numAsked--;
      if (this.#numAsked === 0) this.#quiet.wake();
    }
  }

  /** All who wait go at once, so that they share a forward. Rejects with the signal's reason. */
  wait(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const turn = this.#idle.wait(signal);
    if (!this.#isWatching) void this.#watch();
    return turn;
  }

  async #watch(): Promise<void> {
    this.#isWatching = true;
    let turns = 0;
    while (this.#numAsked > 0 || turns < TURNS_BEFORE_IDLE) {
      const isBusy = this.#numAsked > 0;
      await (isBusy ? this.#quiet.wait(NEVER) : nextTurn());
      turns = isBusy ? 0 : turns + 1;
    }
    this.#isWatching = false;
    this.#idle.wake();
  }
}

const NEVER = new AbortController().signal;
