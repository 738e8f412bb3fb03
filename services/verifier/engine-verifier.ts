// The Verifier port over this thread's engine: one generation's view of it.
import type { SerialQueue } from '#libs/engine/index.js';
import type { Proposal } from '#libs/sampling/index.js';
import type { Sequence, TimedVerdict, Verifier } from '#libs/speculative/index.js';
import type { LogprobsAsked } from './logprobs.js';
import { type Target, verify } from './verify.js';

export class EngineVerifier implements Verifier {
  constructor(
    private readonly target: Target,
    private readonly queue: SerialQueue,
    private readonly asked: LogprobsAsked = {},
  ) {}

  verify(sequence: Sequence, proposal: Proposal, signal: AbortSignal): Promise<TimedVerdict> {
    return this.queue.run(() => verify(this.target, sequence, proposal, signal, this.asked), signal);
  }
}
