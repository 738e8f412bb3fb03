// Which slot a generation uses: its session's own, unless another generation of the same session is using it just now.
// Two generations in one slot would throw each other's cache away every round.

export interface SlotLease {
  readonly slotKey: string;
  release(): void;
}

export class SlotLeases {
  private readonly busy = new Set<string>();

  take(sessionId: string, requestId: string): SlotLease {
    const slotKey = this.busy.has(sessionId) ? `${sessionId}#${requestId}` : sessionId;
    this.busy.add(slotKey);
    return { slotKey, release: () => this.busy.delete(slotKey) };
  }

  get size(): number {
    return this.busy.size;
  }
}
