// Self-speculation (Draft & Verify, arXiv 2309.08168): the target drafts for itself with some of its sub-layers skipped, in
// its own session and in the generation's own slot. The rows it writes are dropped before anyone else sees the slot, so
// that the verification computes them with the full model.
import type { Engine, SerialQueue, Slot } from '#libs/engine/index.js';
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
    private readonly queue: SerialQueue,
    private readonly skipMask: Uint8Array,
  ) {}

  /** The prompt's rows are the full model's: the first verification reads them. */
  async warmUp(): Promise<void> {}

  propose(sequence: Sequence, plan: DraftPlan, signal: AbortSignal): Promise<TimedProposal> {
    return this.queue.run(() => this.#draft(sequence, plan, signal), signal);
  }

  async #draft(sequence: Sequence, plan: DraftPlan, signal: AbortSignal): Promise<TimedProposal> {
    const startMs = performance.now();
    const { model, slots } = this.engine;
    const { sessionId: key, cacheSalt: salt, tokens } = sequence;
    const maxTokens = Math.min(plan.maxTokens, model.contextLength - tokens.length);
    const slot = slots.acquire({ key, salt, prefixLength: 0, tokens, room: maxTokens });
    // A slot that was evicted: reading the text without its layers would cost much and promise nothing.
    if (slot.cache.length < tokens.length - 1) return { proposal: EMPTY_PROPOSAL, computeMs: 0 };
    const drafted = await this.#draftInto(slot, { ...sequence, ...plan, maxTokens }, signal);
    return { ...drafted, computeMs: performance.now() - startMs };
  }

  async #draftInto(slot: Slot, task: Sequence & DraftPlan, signal: AbortSignal) {
    const { model } = this.engine;
    const { tokens, cache } = slot;
    const [numCommitted, numCached] = [tokens.length, cache.length];
    const nextLogits = () => model.advance(cache, tokens.slice(cache.length), 1, signal, this.skipMask);
    slot.exactLength = numCached;
    try {
      return await draftTokens({ ...task, tokens, head: WHOLE_HEAD, nextLogits }, signal);
    } finally {
      cache.truncate(numCached);
      tokens.length = numCommitted;
      slot.exactLength = Number.POSITIVE_INFINITY;
    }
  }
}
