// Gives up on a verifier that keeps its connection and says nothing. Counts only the time spent waiting for it, so a
// slow client can't make a healthy verifier look stalled.
export class StallWatch {
  readonly #timer: NodeJS.Timeout;
  #waiting = true;

  constructor(timeoutMs: number, onStall: () => void) {
    this.#timer = setTimeout(() => {
      if (this.#waiting) onStall();
    }, timeoutMs);
  }

  pause(): void {
    this.#waiting = false;
  }

  resume(): void {
    this.#waiting = true;
    this.#timer.refresh();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
