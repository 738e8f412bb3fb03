// What is measured over generations of whether drafting pays: beside the target's forwards, and where sessions share it.
import type { Speculation } from '#libs/rpc/index.js';
import { AheadChoice, type AheadPolicy, ALWAYS_AHEAD, LoadChoice } from '#libs/speculative/index.js';
import { kept } from './kept.js';

/** Sources of which something is kept: drafts come and go. */
export const MOST_KEPT = 64;

interface Named {
  readonly name: string;
  /** Whether it can draft while the target verifies. */
  readonly worksAhead?: boolean;
}

export class DraftingPolicies {
  readonly #aheadChoices = new Map<string, AheadChoice>();
  readonly #loadChoices = new Map<string, LoadChoice>();
  #running = 0;

  /** A generation begins, with drafts or without. @returns what is to be called when it has ended. */
  enter(): () => void {
    this.#running++;
    let isIn = true;
    return () => {
      if (isIn) this.#running--;
      isIn = false;
    };
  }

  /** Undefined: the source never works ahead. */
  ahead({ name, worksAhead }: Named, { optimistic = 'auto' }: Speculation): AheadPolicy | undefined {
    if (!worksAhead || optimistic === 'off') return undefined;
    return optimistic === 'on'
      ? ALWAYS_AHEAD
      : kept(this.#aheadChoices, name, MOST_KEPT, () => new AheadChoice());
  }

  /** One for all generations that have the same sources to choose from. */
  load(sources: readonly Named[]): LoadChoice {
    const names = sources.map(({ name }) => name).join();
    return kept(this.#loadChoices, names, MOST_KEPT, () => new LoadChoice(() => this.#running));
  }
}
