// Gives up on a verifier that keeps its connection and says nothing. Counts only the time spent waiting for it, so a
// slow client can't make a healthy verifier look stalled. Waits every round, so one timer serves as long as it can.
export class StallWatch {
  #timer: NodeJS.Timeout | undefined;
  #patienceMs = 0;
  #isWaiting = false;

  /** @param onStall Told how long was waited. */
  constructor(private readonly onStall: (waitedMs: number) => void) {}

  /** Waits from now on, so long at most. */
  wait(patienceMs: number): void {
    this.#isWaiting = true;
    if (this.#timer !== undefined && patienceMs === this.#patienceMs) {
      this.#timer.refresh();
      return;
    }
    this.stop();
    this.#isWaiting = true;
    this.#patienceMs = patienceMs;
    this.#timer = setTimeout(() => {
      if (this.#isWaiting) this.onStall(patienceMs);
    }, patienceMs);
  }

  /** Until it waits again. */
  pause(): void {
    this.#isWaiting = false;
  }

  stop(): void {
    this.#isWaiting = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
