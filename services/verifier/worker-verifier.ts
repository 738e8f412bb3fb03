// The Verifier port over the worker thread: sends only what the slot does not know yet, and everything again when the
// slot was evicted in between.
import type { WorkerClient } from '#libs/engine/index.js';
import { AppError } from '#libs/errors/index.js';
import type { Proposal } from '#libs/sampling/index.js';
import type { Sequence, TimedVerdict, Verifier } from '#libs/speculative/index.js';
import type { VerifyCall, VerifyResult } from './verify.js';

export class WorkerVerifier implements Verifier {
  /** Committed tokens that the slot has been told of. */
  private known = 0;

  constructor(
    private readonly worker: WorkerClient<unknown>,
    private readonly slotKey: string,
  ) {}

  async verify(sequence: Sequence, proposal: Proposal, signal: AbortSignal): Promise<TimedVerdict> {
    try {
      return await this.ask(sequence, proposal, signal);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'session_lost') throw error;
      this.known = 0;
      return this.ask(sequence, proposal, signal);
    }
  }

  private async ask(
    { tokens, sampling }: Sequence,
    proposal: Proposal,
    signal: AbortSignal,
  ): Promise<VerifyResult> {
    const call: VerifyCall = {
      slotKey: this.slotKey,
      prefixLength: this.known,
      tokens: tokens.slice(this.known),
      sampling,
      proposal,
    };
    const result = await this.worker.call<VerifyResult>('verify', call, signal);
    this.known = tokens.length;
    return result;
  }
}
