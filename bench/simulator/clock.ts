// Simulated time: events in order of when they happen, and those of one moment in the order they were planned.

interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly happen: () => void;
}

export class Clock {
  nowMs = 0;
  #planned = 0;
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

  /** Lets all happen that is due by then. */
  runUntil(endMs: number): void {
    while (this.#events.length > 0 && this.#events[0]!.atMs <= endMs) {
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
