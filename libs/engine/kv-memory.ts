// All keys and values of an engine under one bound: the caches of its slots, and the blocks that slots have left behind.
// What has been unused longest makes room. A slot that goes loses nothing: it becomes blocks, which take less room, since
// a cache is never quite full and sequences share blocks; and a block lives as long as a slot does, from then on.
import { AppError } from '#libs/errors/index.js';
import { KvBuffers } from './kv-buffers.js';
import { bytesPerToken, type KvCache, type KvShape } from './kv-cache.js';
import { PrefixCache } from './prefix-cache.js';
import { type Slot, sharedRows } from './slot.js';
import type { TokenHash } from './token-hash.js';

export interface KvMemoryOptions {
  readonly shape: KvShape;
  /** Upper bound of all slots and blocks together. */
  readonly maxBytes: number;
  /** How long an unused slot is kept, and then once more what it leaves behind. */
  readonly ttlMs: number;
  readonly now: () => number;
  /** Of blocks; default tokenHash. */
  readonly hash?: TokenHash | undefined;
}

export interface KvUsage {
  readonly slots: number;
  readonly slotBytes: number;
  readonly blocks: number;
  readonly blockBytes: number;
  /** Of neither, kept to be used again. */
  readonly freeBytes: number;
  readonly maxBytes: number;
  /** Tokens whose rows were dropped to make room, since the start. */
  readonly evictedTokens: number;
}

/** There is room for the sequence as soon as others, which are being worked on, may be evicted. */
export class SlotsPinnedError extends AppError {
  constructor() {
    super('resource_exhausted', 'All KV caches are in use by other sequences; try again soon.', {
      retryAfterSeconds: 1,
    });
  }
}

export class KvMemory {
  /** In order of use: the first entry is the least recently used. */
  readonly slots = new Map<string, Slot>();
  readonly stored: PrefixCache;
  readonly buffers: KvBuffers;
  private evictedTokens = 0;

  constructor(private readonly options: KvMemoryOptions) {
    this.buffers = new KvBuffers(options.maxBytes);
    this.stored = new PrefixCache({ ...options, buffers: this.buffers });
  }

  get usage(): KvUsage {
    let slotBytes = 0;
    for (const { cache } of this.slots.values()) slotBytes += cache.bytes;
    const { slots, stored, options, evictedTokens } = this;
    return {
      slots: slots.size,
      slotBytes,
      blocks: stored.size,
      blockBytes: stored.bytes,
      freeBytes: this.buffers.freeBytes,
      maxBytes: options.maxBytes,
      evictedTokens,
    };
  }

  /** Of slots and blocks; between calls never above maxBytes, and free buffers fit in besides. */
  get bytes(): number {
    const { slotBytes, blockBytes } = this.usage;
    return slotBytes + blockBytes;
  }

  touch(key: string, slot: Slot): void {
    slot.lastUsedMs = this.options.now();
    this.slots.delete(key);
    this.slots.set(key, slot);
  }

  /**
   * Grows a cache to `tokens`, after evicting what others have used least recently.
   * @throws AppError resource_exhausted if these tokens alone exceed the bound.
   * @throws SlotsPinnedError if what is pinned leaves too little; nothing is evicted then.
   */
  grow(cache: KvCache, tokens: number): void {
    if (cache.capacityFor(tokens) === cache.capacity) return;
    const { maxBytes } = this.options;
    const pinned = this.pinnedBytes(cache);
    const capacity = this.affordable(cache, tokens, maxBytes - pinned);
    const wanted = capacity * bytesPerToken(this.options.shape);
    if (wanted > maxBytes)
      throw new AppError(
        'resource_exhausted',
        `A sequence of ${tokens} tokens needs ${wanted} bytes of KV cache; the budget is ${maxBytes} bytes.`,
      );
    if (pinned + wanted > maxBytes) throw new SlotsPinnedError();
    while (this.bytes - cache.bytes + wanted > maxBytes) this.evictOne(cache);
    this.makePlace(cache, capacity);
    cache.grow(capacity);
  }

  /** Ends a slot, which leaves its rows behind. */
  retire(key: string, slot: Slot): void {
    this.slots.delete(key);
    this.stored.keep(slot.salt, slot.tokens, sharedRows(slot), slot.cache);
  }

  /** Drops what has expired, but one slot at most, since that takes a while to copy. @returns whether more slots wait. */
  evictExpired(): boolean {
    const expiryMs = this.options.now() - this.options.ttlMs;
    this.stored.expire(expiryMs);
    this.buffers.shrink();
    const expired: [string, Slot][] = [];
    for (const [key, slot] of this.slots) {
      if (slot.lastUsedMs > expiryMs || expired.length === 2) break;
      if (slot.pins === 0) expired.push([key, slot]);
    }
    if (expired[0] !== undefined) this.retire(...expired[0]);
    return expired.length > 1;
  }

  /** What is free may lie in pieces: then blocks beside them go too, rather than that memory is taken beyond the bound. */
  private makePlace(cache: KvCache, capacity: number): void {
    const { numLayers, numKvHeads, headDim } = this.options.shape;
    const hasRoom = () => this.buffers.hasRoom(2 * numLayers, numKvHeads * capacity * headDim);
    while (this.stored.oldest !== undefined && !hasRoom()) this.evictOne(cache);
  }

  private pinnedBytes(spared: KvCache): number {
    let pinned = 0;
    for (const slot of this.slots.values())
      if (slot.pins > 0 && slot.cache !== spared) pinned += slot.cache.bytes;
    return pinned;
  }

  /** Capacities double, so that growing costs little; where there isn't room for that, what is needed will do. */
  private affordable(cache: KvCache, tokens: number, bytes: number): number {
    const capacity = cache.capacityFor(tokens);
    const fits = capacity * bytesPerToken(this.options.shape) <= bytes;
    return fits ? capacity : cache.capacityFor(tokens, true);
  }

  private evictOne(spared: KvCache): void {
    const block = this.stored.oldest;
    for (const [key, slot] of this.slots) {
      if (slot.cache === spared || slot.pins > 0) continue;
      if (block !== undefined && block.lastUsedMs < slot.lastUsedMs) break;
      this.retire(key, slot);
      return;
    }
    this.evictedTokens += block!.tokens.length;
    this.stored.drop(block!);
  }
}
