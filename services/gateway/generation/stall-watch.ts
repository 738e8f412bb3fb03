// Gives up on a verifier that keeps its connection and says nothing. Counts only the time spent waiting for it, so a
// slow client can't make a healthy verifier look stalled.
export class StallWatch {
  #timer: NodeJS.Timeout | undefined;

  /** @param onStall Told how long was waited. */
  constructor(private readonly onStall: (waitedMs: number) => void) {}

  /** Waits from now on, so long at most. */
  wait(patienceMs: number): void {
    this.stop();
    this.#timer = setTimeout(() => this.onStall(patienceMs), patienceMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
