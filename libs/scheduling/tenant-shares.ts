// What each tenant has been served, in tokens. Whoever has had least goes first, and one that had nothing to do does not
// save up for later: it comes back with at least what the least served of those waiting has had. After the virtual token
// counter of Sheng et al. 2024, "Fairness in Serving Large Language Models" (arXiv 2401.00588), and start-time fair queueing.

interface Share {
  served: number;
  waiting: number;
}

export class TenantShares {
  readonly #shares = new Map<string, Share>();
  /** What the least served of those waiting has had; never falls. */
  #floor = 0;

  served(tenant: string): number {
    return this.#shares.get(tenant)?.served ?? this.#floor;
  }

  /** A job of the tenant waits from now on. */
  enter(tenant: string): void {
    this.#raiseFloor();
    let share = this.#shares.get(tenant);
    if (share === undefined) {
      share = { served: 0, waiting: 0 };
      this.#shares.set(tenant, share);
    }
    if (share.waiting++ === 0) share.served = Math.max(share.served, this.#floor);
  }

  /** One of its jobs waits no more. */
  leave(tenant: string): void {
    this.#shares.get(tenant)!.waiting--;
  }

  charge(tenant: string, tokens: number): void {
    this.#shares.get(tenant)!.served += tokens;
  }

  /** Forgets those that would begin at the floor anyway, so that what is kept is bounded by who has been busy lately. */
  #raiseFloor(): void {
    const all = [...this.#shares.values()];
    const waiting = all.filter((share) => share.waiting > 0);
    // When nobody waited, everybody had what he wanted: nothing is owed.
    const floor = waiting.length > 0 ? least(waiting) : most(all);
    this.#floor = Math.max(this.#floor, floor);
    for (const [tenant, share] of this.#shares)
      if (share.waiting === 0 && share.served <= this.#floor) this.#shares.delete(tenant);
  }
}

function least(shares: readonly Share[]): number {
  return shares.reduce((min, { served }) => Math.min(min, served), Number.POSITIVE_INFINITY);
}

function most(shares: readonly Share[]): number {
  return shares.reduce((max, { served }) => Math.max(max, served), 0);
}
