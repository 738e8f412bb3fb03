// Whose step the model takes next. A step is one forward: for one token, or for a piece of a prompt. Everybody waits in
// line with one step at a time, so sessions take turns and none waits for more than one step of each other. Idle steps
// (work nobody has asked for yet) are taken only while nobody else waits.
import { setImmediate as nextTurn } from 'node:timers/promises';

export type Lane = 'asked' | 'idle';

interface Waiting {
  readonly start: () => Promise<void>;
}

/** A message that has arrived becomes a step within so many turns of the event loop: socket, stream, handler. */
const TURNS_BEFORE_IDLE = 2;

export class StepQueue {
  readonly #lanes: Readonly<Record<Lane, Set<Waiting>>> = { asked: new Set(), idle: new Set() };
  #isWorking = false;

  /** Rejects with the signal's reason at once while the step waits; one that has begun is finished first. */
  run<Result>(step: () => Promise<Result>, signal: AbortSignal, lane: Lane = 'asked'): Promise<Result> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const line = this.#lanes[lane];
      const leave = () => {
        line.delete(waiting);
        reject(signal.reason);
      };
      const waiting: Waiting = {
        start: () => {
          signal.removeEventListener('abort', leave);
          return step().then(resolve, reject);
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      line.add(waiting);
      if (!this.#isWorking) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    for (let next = await this.#next(); next !== undefined; next = await this.#next()) await next.start();
    this.#isWorking = false;
  }

  async #next(): Promise<Waiting | undefined> {
    const { asked, idle } = this.#lanes;
    for (let turn = 0; asked.size === 0 && idle.size > 0 && turn < TURNS_BEFORE_IDLE; turn++)
      await nextTurn();
    const line = asked.size > 0 ? asked : idle;
    const [first] = line;
    if (first !== undefined) line.delete(first);
    return first;
  }
}
