// Whether a source is away, told once at each change and not once a call.
import { AppError } from '#libs/errors/index.js';

/**
 * What can be away: "registry", membership can't be read (the last known answer is used); "heartbeat", our own entry
 * can't be written (others lose sight of us); "pins", the session store (rendezvous alone decides).
 */
export type DegradedPart = 'registry' | 'heartbeat' | 'pins';

/** `cause` is there when `degraded` is true. Must not throw. */
export type DegradedListener = (part: DegradedPart, degraded: boolean, cause?: AppError) => void;

export class Degradation {
  #degraded = false;

  constructor(
    private readonly part: DegradedPart,
    private readonly listener: DegradedListener = () => {},
  ) {}

  get degraded(): boolean {
    return this.#degraded;
  }

  failed(cause: unknown): void {
    if (this.#degraded) return;
    this.#degraded = true;
    this.listener(this.part, true, AppError.from(cause));
  }

  recovered(): void {
    if (!this.#degraded) return;
    this.#degraded = false;
    this.listener(this.part, false);
  }
}
