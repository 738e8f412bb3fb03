// What was generated lately, to be found again: the suffix index behind the method `suffix`. In segments that only grow, the
// least recently used of which is forgotten when the bytes are used up. One tenant's outputs are found by that tenant only:
// what others were answered must not show, not even by how fast an answer comes.
import { GAP, MOST_PLACES, type Occurrence, Occurrences } from './occurrences.js';

export interface PastOutputsOptions {
  /** Upper bound of all segments together. */
  readonly maxBytes: number;
  /** Tokens of a tenant's first and of its largest segments, powers of two. */
  readonly segmentTokens?: { readonly first: number; readonly most: number };
}

/** n of the n-grams that are found, longest first: between texts that have nothing to do with each other two are chance. */
const LENGTHS = [8, 3];
const SEGMENT_TOKENS = { first: 1024, most: 8192 };
/** Bounds what a lookup costs, and how much of the others one tenant can displace. */
const MOST_SEGMENTS = 64;

export class PastOutputs {
  readonly #maxBytes: number;
  readonly #segmentTokens: { readonly first: number; readonly most: number };
  /** Of each salt, oldest first; the last one is being written. */
  readonly #segments = new Map<string, Occurrences[]>();
  /** Whose each segment is, in order of use. */
  readonly #owners = new Map<Occurrences, string>();
  #bytes = 0;

  constructor({ maxBytes, segmentTokens = SEGMENT_TOKENS }: PastOutputsOptions) {
    this.#maxBytes = maxBytes;
    this.#segmentTokens = segmentTokens;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** @param tokens Of one generation. */
  enter(salt: string, tokens: readonly number[]): void {
    // Nothing could be found in it.
    if (tokens.length <= LENGTHS.at(-1)!) return;
    let segment = this.#open(salt);
    for (let i = 0; i <= tokens.length && segment !== undefined; i++) {
      if (segment.size === segment.capacity) {
        segment = this.#add(salt);
        // So that what follows is found behind what came before.
        for (let k = Math.max(0, i - LENGTHS[0]!); k < i; k++) segment?.append(tokens[k]!);
      }
      segment?.append(tokens[i] ?? GAP);
    }
  }

  /** Where the end of `text` occurred in this salt's outputs, the newest first. */
  find(salt: string, text: ArrayLike<number>): Occurrence[] {
    const found: Occurrence[] = [];
    const segments = this.#segments.get(salt) ?? [];
    for (let i = segments.length - 1; i >= 0 && found.length < MOST_PLACES; i--) {
      const places = segments[i]!.find(text);
      if (places.length > 0) this.#touch(segments[i]!, salt);
      found.push(...places);
    }
    const long = found.filter(({ length }) => length >= LENGTHS[0]!);
    return long.length > 0 ? long : found;
  }

  #open(salt: string): Occurrences | undefined {
    const last = this.#segments.get(salt)?.at(-1);
    if (last === undefined) return this.#add(salt);
    this.#touch(last, salt);
    return last;
  }

  /** Undefined if there is no room even for one. */
  #add(salt: string): Occurrences | undefined {
    const { first, most } = this.#segmentTokens;
    const own = this.#segments.get(salt) ?? [];
    const capacity = Math.min(most, first * 2 ** own.length);
    const bytes = Occurrences.bytes(LENGTHS, capacity);
    if (bytes > this.#maxBytes) return undefined;
    if (own.length >= MOST_SEGMENTS) this.#forget(own[0]!, salt);
    for (const [oldest, owner] of this.#owners) {
      if (this.#bytes + bytes <= this.#maxBytes) break;
      this.#forget(oldest, owner);
    }
    const segment = new Occurrences(LENGTHS, capacity);
    this.#segments.set(salt, [...(this.#segments.get(salt) ?? []), segment]);
    this.#owners.set(segment, salt);
    this.#bytes += bytes;
    return segment;
  }

  #touch(segment: Occurrences, salt: string): void {
    this.#owners.delete(segment);
    this.#owners.set(segment, salt);
  }

  #forget(segment: Occurrences, salt: string): void {
    this.#owners.delete(segment);
    this.#bytes -= Occurrences.bytes(LENGTHS, segment.capacity);
    const left = this.#segments.get(salt)!.filter((each) => each !== segment);
    if (left.length > 0) this.#segments.set(salt, left);
    else this.#segments.delete(salt);
  }
}
