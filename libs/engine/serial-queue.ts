// Lets one job at a time use a model: a session serialises its runs anyway, and between the chunks of a long prompt
// another job must not find a slot half changed.

export class SerialQueue {
  private tail: Promise<unknown> = Promise.resolve();

  /** Runs the job after all earlier ones; a job aborted while it waits never starts. */
  run<Result>(job: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
    const turn = this.tail.then(() => {
      signal.throwIfAborted();
      return job();
    });
    this.tail = turn.catch(() => {});
    return turn;
  }
}
