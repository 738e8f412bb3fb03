// The Verifier port over this thread's engine: one generation's view of it.
import type { Proposal } from '#libs/sampling/index.js';
import type { Sequence, TimedVerdict, Verifier } from '#libs/speculative/index.js';
import type { GenerationGrammar } from './generation-grammar.js';
import { type Target, type VerifyRequest, verify } from './verify.js';

export class EngineVerifier implements Verifier {
  constructor(
    private readonly target: Target,
    private readonly request: VerifyRequest = {},
    private readonly grammar?: GenerationGrammar | undefined,
  ) {}

  async verify(sequence: Sequence, proposal: Proposal, signal: AbortSignal): Promise<TimedVerdict> {
    const masks = this.grammar?.masks(sequence, proposal);
    // The forward needn't wait for its masks, but a slot that waits for them long keeps memory from others.
    if (this.grammar?.isSlow) await masks;
    return verify(this.target, sequence, proposal, signal, this.request, masks);
  }
}
