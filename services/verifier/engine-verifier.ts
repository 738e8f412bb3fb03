// The Verifier port over this thread's engine: one generation's view of it.
import type { SerialQueue } from '#libs/engine/index.js';
import type { Proposal } from '#libs/sampling/index.js';
import type { Sequence, TimedVerdict, Verifier } from '#libs/speculative/index.js';
import type { GenerationGrammar } from './generation-grammar.js';
import type { LogprobsAsked } from './logprobs.js';
import { type Target, verify } from './verify.js';

export class EngineVerifier implements Verifier {
  constructor(
    private readonly target: Target,
    private readonly queue: SerialQueue,
    private readonly asked: LogprobsAsked = {},
    private readonly grammar?: GenerationGrammar | undefined,
  ) {}

  async verify(sequence: Sequence, proposal: Proposal, signal: AbortSignal): Promise<TimedVerdict> {
    const masks = this.grammar?.masks(sequence, proposal);
    // The forward needn't wait for its masks, but a queue that waits for them would hold up all generations.
    if (this.grammar?.isSlow) await masks;
    return this.queue.run(() => verify(this.target, sequence, proposal, signal, this.asked, masks), signal);
  }
}
