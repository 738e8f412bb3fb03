// Fencing generations: when a session has moved and come back, a request that still carries an older generation stems
// from a gateway with an outdated view, and is refused.
import { AppError } from '#libs/errors/index.js';

/** Sessions remembered; beyond it the least recently seen is forgotten, which costs only the protection. */
const CAPACITY = 10_000;

export class Fences {
  private readonly generations = new Map<string, bigint>();

  /** @throws AppError failed_precondition when a newer generation of the session was seen; 0 is never fenced. */
  check(sessionId: string, generation: bigint): void {
    if (generation === 0n) return;
    const seen = this.generations.get(sessionId) ?? 0n;
    if (generation < seen)
      throw new AppError(
        'failed_precondition',
        `The session has moved on to generation ${seen}; this is ${generation}.`,
      );
    this.generations.delete(sessionId);
    this.generations.set(sessionId, generation);
    if (this.generations.size > CAPACITY)
      this.generations.delete(this.generations.keys().next().value as string);
  }
}
