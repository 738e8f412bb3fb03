// A machine's cores, shared by what runs on them: if more threads want to run than there are cores, all of them slow down
// alike. A device twice as fast has scale 0.5.
import type { Clock } from './clock.js';

interface Job {
  leftMs: number;
  readonly threads: number;
  /** Its time was measured in the company that it has here: others slow down beside it, itself not once more. */
  readonly isSettled: boolean;
  readonly done: () => void;
}

const NOTHING = 1e-9;

export class Device {
  #jobs: Job[] = [];
  #settledMs = 0;
  #version = 0;

  constructor(
    private readonly clock: Clock,
    private readonly cores: number,
    private readonly scale = 1,
  ) {}

  /** @param ms That the work takes if nothing else runs and the scale is 1. */
  run(ms: number, threads: number, done: () => void, isSettled = false): void {
    this.#settle();
    this.#jobs.push({ leftMs: ms * this.scale, threads, isSettled, done });
    this.#schedule();
  }

  get #speed(): number {
    let threads = 0;
    for (const job of this.#jobs) threads += job.threads;
    return threads <= this.cores ? 1 : this.cores / threads;
  }

  #settle(): void {
    const passedMs = this.clock.nowMs - this.#settledMs;
    const doneMs = passedMs * this.#speed;
    this.#settledMs = this.clock.nowMs;
    for (const job of this.#jobs) job.leftMs -= job.isSettled ? passedMs : doneMs;
  }

  #schedule(): void {
    const version = ++this.#version;
    if (this.#jobs.length === 0) return;
    let next = Number.POSITIVE_INFINITY;
    const speed = this.#speed;
    for (const { leftMs, isSettled } of this.#jobs)
      next = Math.min(next, isSettled ? leftMs : leftMs / speed);
    this.clock.after(Math.max(0, next), () => {
      if (version === this.#version) this.#finish();
    });
  }

  #finish(): void {
    this.#settle();
    const finished = this.#jobs.filter(({ leftMs }) => leftMs <= NOTHING);
    this.#jobs = this.#jobs.filter(({ leftMs }) => leftMs > NOTHING);
    this.#schedule();
    for (const { done } of finished) done();
  }
}

/** A process with one thread on a device: one task after the other. */
export class SerialProcess {
  readonly #waiting: { readonly ms: number; readonly done: () => void }[] = [];
  #isBusy = false;

  constructor(private readonly device: Device) {}

  run(ms: number, done: () => void): void {
    this.#waiting.push({ ms, done });
    if (!this.#isBusy) this.#next();
  }

  #next(): void {
    const task = this.#waiting.shift();
    this.#isBusy = task !== undefined;
    if (task === undefined) return;
    this.device.run(task.ms, 1, () => {
      this.#next();
      task.done();
    });
  }
}
