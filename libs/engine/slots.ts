// The slots of an engine. State is only a cache: every call names its whole truth, the slot keeps the longest common
// prefix (or copies it from another slot or from what slots have left behind), and any slot that no job has pinned may
// be evicted at any time.
import { AppError } from '#libs/errors/index.js';
import { KvCache } from './kv-cache.js';
import { KvMemory, type KvMemoryOptions, type KvUsage, SlotsPinnedError } from './kv-memory.js';
import { copyStored, MIN_GAIN } from './prefix-cache.js';
import { findSharedPrefix } from './shared-prefix.js';
import type { Slot } from './slot.js';

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

export class SlotTable {
  private readonly memory: KvMemory;

  constructor(private readonly options: KvMemoryOptions) {
    this.memory = new KvMemory(options);
  }

  get size(): number {
    return this.memory.slots.size;
  }

  /** Of slots and of what they have left behind. */
  get bytes(): number {
    return this.memory.bytes;
  }

  get usage(): KvUsage {
    return this.memory.usage;
  }

  /**
   * The slot of a sequence, brought to exactly the caller's tokens; its cache holds as many of them as this table knows,
   * but never the last one, since that one's logits are wanted. Valid until the next call, or while it is pinned.
   * @throws AppError session_lost if the slot does not know prefixLength tokens: resend all with prefixLength 0.
   * @throws AppError resource_exhausted if the sequence alone exceeds the byte budget.
   * @throws SlotsPinnedError if it fits only once a pinned slot is free again.
   */
  acquire(request: SlotRequest): Slot {
    const { memory } = this;
    memory.evictExpired();
    const slot = this.slotOf(request);
    bring(slot, request);
    // Used from now on: what is about to be copied must not be evicted for its own copy.
    if (lacks(slot)) memory.stored.find(slot.salt, slot.tokens, slot.tokens.length - 1);
    memory.grow(slot.cache, slot.tokens.length + request.room);
    memory.touch(request.key, slot);
    if (lacks(slot)) this.copyKnown(slot);
    return slot;
  }

  get(key: string): Slot | undefined {
    return this.memory.slots.get(key);
  }

  /** The sequence has ended; its rows stay while there is room. A slot that a job still uses stays until it is evicted. */
  delete(key: string): void {
    const slot = this.get(key);
    if (slot?.pins === 0) this.memory.retire(key, slot);
  }

  /** Ends one slot that was unused for its time. @returns whether more of them wait. */
  evictExpired(): boolean {
    return this.memory.evictExpired();
  }

  private slotOf({ key, salt, prefixLength }: SlotRequest): Slot {
    const held = this.get(key);
    const isOwn = held !== undefined && held.salt === salt;
    if (prefixLength > (isOwn ? held.tokens.length : 0)) throw lost(prefixLength);
    if (isOwn) return held;
    if (held !== undefined && held.pins > 0) throw new SlotsPinnedError();
    if (held !== undefined) this.memory.retire(key, held);
    const cache = new KvCache(this.options.shape, 0, this.memory.buffers);
    return { tokens: [], cache, salt, lastUsedMs: 0, pins: 0, exactLength: Number.POSITIVE_INFINITY };
  }

  private copyKnown(slot: Slot): void {
    const { cache, tokens, salt } = slot;
    const stored = this.memory.stored.find(salt, tokens, tokens.length - 1);
    const least = Math.max(stored.length, cache.length + MIN_GAIN - 1);
    const shared = findSharedPrefix(slot, this.memory.slots.values(), least);
    if (shared !== undefined) cache.copyRows(shared.donor.cache, shared.length);
    else if (stored.length - cache.length >= MIN_GAIN) copyStored(cache, stored);
  }
}

/** Brings the slot to the caller's tokens and forgets the rows of all others. */
function bring({ tokens: known, cache }: Slot, { prefixLength, tokens }: SlotRequest): void {
  let i = 0;
  while (i < tokens.length && prefixLength + i < known.length && known[prefixLength + i] === tokens[i]) i++;
  cache.truncate(Math.min(prefixLength + i, prefixLength + tokens.length - 1));
  known.length = prefixLength + i;
  for (; i < tokens.length; i++) known.push(tokens[i]!);
}

/** Whether enough rows are missing to look for them elsewhere. */
function lacks({ tokens, cache }: Slot): boolean {
  return tokens.length - 1 - cache.length >= MIN_GAIN;
}

function lost(prefixLength: number): AppError {
  return new AppError(
    'session_lost',
    `No slot holds ${prefixLength} tokens of the session; resend them all.`,
  );
}
