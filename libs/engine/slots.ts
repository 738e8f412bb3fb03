// The slots of an engine. State is only a cache: every call names its whole truth, the slot keeps the longest common
// prefix (or copies it from another slot), and any slot that no job has pinned may be evicted at any time.
import { AppError } from '#libs/errors/index.js';
import { bytesPerToken, type KvCache, type KvShape } from './kv-cache.js';
import { findSharedPrefix, type SharedPrefix } from './shared-prefix.js';
import type { Slot } from './slot.js';

export interface SlotTableOptions {
  readonly shape: KvShape;
  readonly newCache: () => KvCache;
  /** Upper bound of all KV caches together. */
  readonly maxBytes: number;
  readonly ttlMs: number;
  readonly now: () => number;
}

/** What a caller says of its sequence: "you hold the first prefixLength tokens; here is the rest". */
export interface SlotRequest {
  readonly key: string;
  readonly prefixLength: number;
  readonly tokens: ArrayLike<number>;
  /** Tokens that this call may append beyond those named. */
  readonly room: number;
  /** Whose sequence this is, where that must not show: see Slot. */
  readonly salt?: string | undefined;
}

/** There is room for the sequence as soon as others, which are being worked on, may be evicted. */
export class SlotsPinnedError extends Error {}

export class SlotTable {
  /** In order of use: the first entry is the least recently used. */
  private readonly slots = new Map<string, Slot>();

  constructor(private readonly options: SlotTableOptions) {}

  get size(): number {
    return this.slots.size;
  }

  get bytes(): number {
    let sum = 0;
    for (const slot of this.slots.values()) sum += slot.cache.bytes;
    return sum;
  }

  /**
   * The slot of a sequence, brought to exactly the caller's tokens; its cache holds as many of them as this table's slots
   * know, but never the last one, since that one's logits are wanted. Valid until the next call, or while it is pinned.
   * @throws AppError session_lost if the slot does not know prefixLength tokens: resend all with prefixLength 0.
   * @throws AppError resource_exhausted if the sequence alone exceeds the byte budget.
   * @throws SlotsPinnedError if it fits only once a pinned slot is free again.
   */
  acquire(request: SlotRequest): Slot {
    this.evictExpired();
    const held = this.slots.get(request.key);
    const slot = held !== undefined && held.salt === request.salt ? held : this.create(request);
    if (slot.tokens.length < request.prefixLength) throw lost(request);
    slot.cache.truncate(
      Math.min(commonPrefix(slot.tokens, request), request.prefixLength + request.tokens.length - 1),
    );
    slot.tokens.length = request.prefixLength;
    for (let i = 0; i < request.tokens.length; i++) slot.tokens.push(request.tokens[i]!);
    if (slot !== held) this.slots.delete(request.key);
    const shared = findSharedPrefix(slot, this.slots.values());
    this.makeRoom(slot, slot.tokens.length + request.room, shared?.donor);
    this.touch(request.key, slot);
    if (shared !== undefined) adopt(slot, shared);
    return slot;
  }

  delete(key: string): void {
    this.slots.delete(key);
  }

  evictExpired(): void {
    const expiry = this.options.now() - this.options.ttlMs;
    for (const [key, slot] of this.slots) {
      if (slot.lastUsedMs > expiry) return;
      if (slot.pins === 0) this.slots.delete(key);
    }
  }

  private create(request: SlotRequest): Slot {
    if (request.prefixLength > 0) throw lost(request);
    return { tokens: [], cache: this.options.newCache(), salt: request.salt, lastUsedMs: 0, pins: 0 };
  }

  private touch(key: string, slot: Slot): void {
    slot.lastUsedMs = this.options.now();
    this.slots.delete(key);
    this.slots.set(key, slot);
  }

  /**
   * Evicts the least recently used others until this slot may grow to `tokens`, then grows it.
   * @param donor Of rows that this slot is about to take; if its turn to go comes, its cache becomes this slot's.
   */
  private makeRoom(slot: Slot, tokens: number, donor: Slot | undefined): void {
    const wantedBytes = () => slot.cache.capacityFor(tokens) * bytesPerToken(this.options.shape);
    let wanted = wantedBytes();
    if (wanted > this.options.maxBytes)
      throw new AppError(
        'resource_exhausted',
        `A sequence of ${tokens} tokens needs ${wanted} bytes of KV cache; the budget is ${this.options.maxBytes} bytes.`,
      );
    let others = 0;
    for (const other of this.slots.values()) if (other !== slot) others += other.cache.bytes;
    for (const [key, other] of this.slots) {
      if (others + wanted <= this.options.maxBytes) break;
      if (other === slot || other.pins > 0) continue;
      others -= other.cache.bytes;
      this.slots.delete(key);
      if (other !== donor) continue;
      // What is to be copied must not be thrown away first, nor outlive its budget: the slot takes the cache itself.
      slot.cache = donor.cache;
      wanted = wantedBytes();
    }
    if (others + wanted > this.options.maxBytes) throw new SlotsPinnedError();
    slot.cache.reserve(tokens);
  }
}

/** How many of the caller's tokens, counted from the sequence's start, the slot's tokens equal. */
function commonPrefix(known: readonly number[], request: SlotRequest): number {
  let i = 0;
  const { prefixLength, tokens } = request;
  while (i < tokens.length && prefixLength + i < known.length && known[prefixLength + i] === tokens[i]) i++;
  return prefixLength + i;
}

function adopt(slot: Slot, { donor, length }: SharedPrefix): void {
  if (slot.cache === donor.cache) slot.cache.truncate(length);
  else slot.cache.copyRows(donor.cache, length);
}

function lost(request: SlotRequest): AppError {
  return new AppError(
    'session_lost',
    `No slot holds ${request.prefixLength} tokens of the session; resend them all.`,
  );
}
