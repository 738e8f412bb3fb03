// Finds stop strings in text that arrives in pieces, and never emits text that may turn out to begin one.
// Aho and Corasick 1975, doi:10.1145/360825.360855: one step a character, however many stops there are.
// The stop that ends first wins (the longest of those that end together): generation would stop there anyway.
import { AppError } from '#libs/errors/index.js';

interface Node {
  readonly next: Map<string, Node>;
  /** Characters of stop strings matched so far: what must be held back here. */
  readonly depth: number;
  /** Node of the longest proper suffix that also begins a stop. */
  fallback: Node | undefined;
  /** Longest stop that ends here. */
  stop: string | undefined;
}

export interface StopResult {
  /** Text before any stop that is safe to emit. */
  readonly text: string;
  /** The stop string that was met; it and all that follows is never emitted. */
  readonly stopped: string | undefined;
}

export class StopMatcher {
  readonly #root: Node;
  #node: Node;
  #held = '';
  #stopped: string | undefined;

  /** Throws `invalid_argument` (field `stop`) for an empty stop string. */
  constructor(stops: readonly string[]) {
    if (stops.includes(''))
      throw new AppError('invalid_argument', 'stop must not contain an empty string.', { field: 'stop' });
    this.#root = buildAutomaton(stops);
    this.#node = this.#root;
  }

  push(text: string): StopResult {
    if (this.#stopped !== undefined) return { text: '', stopped: this.#stopped };
    const all = this.#held + text;
    for (let i = this.#held.length; i < all.length; i++) {
      this.#node = step(this.#root, this.#node, all[i] as string);
      this.#stopped = this.#node.stop;
      if (this.#stopped === undefined) continue;
      this.#held = '';
      return { text: all.slice(0, i + 1 - this.#stopped.length), stopped: this.#stopped };
    }
    const safe = all.length - this.#node.depth;
    this.#held = all.slice(safe);
    return { text: all.slice(0, safe), stopped: undefined };
  }

  /** What was held back, when no more text comes. */
  flush(): string {
    const held = this.#held;
    this.#held = '';
    this.#node = this.#root;
    return held;
  }
}

function step(root: Node, from: Node, character: string): Node {
  for (let node: Node | undefined = from; node !== undefined; node = node.fallback) {
    const next = node.next.get(character);
    if (next !== undefined) return next;
  }
  return root;
}

function buildAutomaton(stops: readonly string[]): Node {
  const root: Node = { next: new Map(), depth: 0, fallback: undefined, stop: undefined };
  for (const stop of stops) {
    let node = root;
    for (let i = 0; i < stop.length; i++) {
      const character = stop[i] as string;
      const next = node.next.get(character) ?? {
        next: new Map(),
        depth: i + 1,
        fallback: root,
        stop: undefined,
      };
      node.next.set(character, next);
      node = next;
    }
    node.stop = stop;
  }
  linkFallbacks(root);
  return root;
}

/** Breadth first: a node's fallback is shallower, so it is complete when it is needed. */
function linkFallbacks(root: Node): void {
  const queue = [...root.next.values()];
  for (const node of queue) {
    for (const [character, next] of node.next) {
      next.fallback = step(root, node.fallback as Node, character);
      next.stop ??= next.fallback.stop;
      queue.push(next);
    }
  }
}
