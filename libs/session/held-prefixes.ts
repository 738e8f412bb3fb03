// What a worker tells of the sequences whose keys and values it has: those that it worked on last. The caches themselves
// drop what was unused longest too, so this is nearly what they hold; where it isn't, somebody's prompt is read once more.
import { BLOCK_TOKENS, prefixHashes } from './prefix-hashes.js';

/** Told to every gateway, every second. */
export const MAX_HELD_PREFIXES = 256;

export class HeldPrefixes {
  /** The last used come last; the beginning of a sequence always outlives what follows it. */
  readonly #hashes = new Set<string>();

  readonly #most: number;

  /** @param maxTokens What the caches hold together. */
  constructor(maxTokens: number) {
    this.#most = Math.min(Math.floor(maxTokens / BLOCK_TOKENS), MAX_HELD_PREFIXES);
  }

  get hashes(): ReadonlySet<string> {
    return this.#hashes;
  }

  enter(salt: string | undefined, tokens: readonly number[]): void {
    for (const hash of prefixHashes(salt, tokens).reverse()) {
      this.#hashes.delete(hash);
      this.#hashes.add(hash);
    }
    for (const oldest of this.#hashes) {
      if (this.#hashes.size <= this.#most) return;
      this.#hashes.delete(oldest);
    }
  }

  /** The caches are gone. */
  clear(): void {
    this.#hashes.clear();
  }
}
