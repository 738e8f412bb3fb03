// Simulated time: events in order of when they happen, and those of one moment in the order they were planned. Asynchronous
// code lives in it too, if all it waits for is `promise`: time stands still until it waits again.
import { setImmediate as nextTurn } from 'node:timers/promises';

interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly happen: () => void;
}

export class Clock {
  nowMs = 0;
  #planned = 0;
  #isUnsettled = false;
  /** A binary heap: the next event is the first. */
  readonly #events: Event[] = [];

  after(delayMs: number, happen: () => void): void {
    const event = { atMs: this.nowMs + delayMs, order: this.#planned++, happen };
    let at = this.#events.length;
    this.#events.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(event, this.#events[parent]!)) break;
      this.#events[at] = this.#events[parent]!;
      at = parent;
    }
    this.#events[at] = event;
  }

  /** @param start is given what keeps the promise. */
  promise<Value = void>(start: (keep: (value: Value) => void) => void): Promise<Value> {
    this.#isUnsettled = true;
    return new Promise((resolve) =>
      start((value) => {
        this.#isUnsettled = true;
        resolve(value);
      }),
    );
  }

  wait(ms: number): Promise<void> {
    return this.promise((keep) => this.after(ms, keep));
  }

  /** Lets all happen that is due by then. */
  async runUntil(endMs: number): Promise<void> {
    for (;;) {
      if (this.#isUnsettled) {
        this.#isUnsettled = false;
        await nextTurn();
        continue;
      }
      if (this.#events.length === 0 || this.#events[0]!.atMs > endMs) break;
      const { atMs, happen } = this.#take();
      this.nowMs = atMs;
      happen();
    }
    this.nowMs = endMs;
  }

  #take(): Event {
    const events = this.#events;
    const first = events[0]!;
    const last = events.pop()!;
    if (events.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= events.length) break;
      if (child + 1 < events.length && isBefore(events[child + 1]!, events[child]!)) child++;
      if (!isBefore(events[child]!, last)) break;
      events[at] = events[child]!;
      at = child;
    }
    events[at] = last;
    return first;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
