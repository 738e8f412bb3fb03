// Self-speculation (Draft & Verify, arXiv 2309.08168): the target drafts for itself with some of its sub-layers skipped, in
// its own session and in the generation's own slot. The rows it writes are dropped before anyone else sees the slot, so
// that the verification computes them with the full model.
import type { Engine, Slot } from '#libs/engine/index.js';
import { EMPTY_PROPOSAL } from '#libs/sampling/index.js';
import {
  type DraftPlan,
  draftTokens,
  type Proposer,
  type Sequence,
  type TimedProposal,
  WHOLE_HEAD,
} from '#libs/speculative/index.js';

export class LayerSkipProposer implements Proposer {
  /** @param skipMask 1 skips a sub-layer. [2 · layers] */
  constructor(
    private readonly engine: Engine,
    private readonly skipMask: Uint8Array,
  ) {}

  /** The prompt's rows are the full model's: the first verification reads them. */
  async warmUp(): Promise<void> {}

  propose(sequence: Sequence, plan: DraftPlan, signal: AbortSignal): Promise<TimedProposal> {
    const { model, slotUse } = this.engine;
    const { sessionId: key, cacheSalt: salt, tokens } = sequence;
    const maxTokens = Math.min(plan.maxTokens, model.contextLength - tokens.length);
    const request = { key, salt, prefixLength: 0, tokens, room: maxTokens };
    return slotUse.run(
      request,
      (slot) => this.#draft(slot, sequence, { ...plan, maxTokens }, signal),
      signal,
    );
  }

  async #draft(slot: Slot, sequence: Sequence, plan: DraftPlan, signal: AbortSignal): Promise<TimedProposal> {
    // A slot that was evicted: reading the text without its layers would cost much and promise nothing.
    if (slot.cache.length < sequence.tokens.length - 1) return { proposal: EMPTY_PROPOSAL, computeMs: 0 };
    const { tokens, cache } = slot;
    const [numCommitted, numCached] = [tokens.length, cache.length];
    let computeMs = 0;
    const nextLogits = () => {
      const work = { cache, tokens: tokens.slice(cache.length), rows: 1, skipMask: this.skipMask };
      return this.engine.batcher.advance(
        work,
        (logits, stats) => {
          computeMs += stats.computeMs;
          return logits;
        },
        signal,
      );
    };
    slot.exactLength = numCached;
    try {
      const drafted = await draftTokens(
        { ...sequence, ...plan, tokens, head: WHOLE_HEAD, nextLogits },
        signal,
      );
      return { ...drafted, computeMs };
    } finally {
      cache.truncate(numCached);
      tokens.length = numCommitted;
      slot.exactLength = Number.POSITIVE_INFINITY;
    }
  }
}
