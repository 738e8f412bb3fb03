// Runs a task one at a time; calls that come while it runs share one further run, which sees what they saw.

export class Coalesced {
  #last: Promise<void> = Promise.resolve();
  #queued: Promise<void> | null = null;

  constructor(private readonly task: () => Promise<void>) {}

  /** Resolves when a run that started after this call has ended. */
  run(): Promise<void> {
    if (this.#queued === null) {
      this.#queued = this.#last.then(() => {
        this.#queued = null;
        return this.task();
      });
      this.#last = this.#queued.catch(() => {});
    }
    return this.#queued;
  }
}
