// Whose step the model takes next. A step is one forward: for one token, or for a piece of a prompt. Everybody waits in
// line with one step at a time, so sessions take turns and none waits for more than one step of each other. Idle steps
// (work nobody has asked for yet) are taken only while nobody else waits.
import { setImmediate as nextTurn } from 'node:timers/promises';

export type Lane = 'asked' | 'idle';

type Start = () => Promise<void>;

/** A message that has arrived becomes a step within so many turns of the event loop: socket, stream, handler. */
const TURNS_BEFORE_IDLE = 2;

export class StepQueue {
  readonly #lanes: Readonly<Record<Lane, Set<Start>>> = { asked: new Set(), idle: new Set() };
  #isWorking = false;

  /** Rejects with the signal's reason at once while the step waits; one that has begun is finished first. */
  run<Result>(step: () => Promise<Result>, signal: AbortSignal, lane: Lane = 'asked'): Promise<Result> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const line = this.#lanes[lane];
      const leave = () => {
        line.delete(start);
        reject(signal.reason);
      };
      const start: Start = () => {
        signal.removeEventListener('abort', leave);
        return step().then(resolve, reject);
      };
      signal.addEventListener('abort', leave, { once: true });
      line.add(start);
      if (!this.#isWorking) void this.#work();
    });
  }

  async #work(): Promise<void> {
    const { asked, idle } = this.#lanes;
    this.#isWorking = true;
    while (asked.size + idle.size > 0) {
      for (let turn = 0; asked.size === 0 && turn < TURNS_BEFORE_IDLE; turn++) await nextTurn();
      await first(asked.size > 0 ? asked : idle)?.();
    }
    this.#isWorking = false;
  }
}

/** Takes the first in line out of it. */
function first(line: Set<Start>): Start | undefined {
  const [start] = line;
  if (start !== undefined) line.delete(start);
  return start;
}
