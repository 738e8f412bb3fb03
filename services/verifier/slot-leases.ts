// Which slot a generation uses: its session's own, unless another generation of the same session is using it just now.
// Two generations in one slot would throw each other's cache away every round.

export interface SlotLease {
  readonly slotKey: string;
  /** It is this generation's alone: nobody will ask for its slot again. */
  readonly isExtra: boolean;
  release(): void;
}

export class SlotLeases {
  private readonly busy = new Set<string>();

  take(sessionId: string, requestId: string): SlotLease {
    const isExtra = this.busy.has(sessionId);
    const slotKey = isExtra ? `${sessionId}#${requestId}` : sessionId;
    this.busy.add(slotKey);
    return { slotKey, isExtra, release: () => this.busy.delete(slotKey) };
  }

  get size(): number {
    return this.busy.size;
  }
}
