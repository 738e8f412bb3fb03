// The tree of stored blocks: every block follows another one or begins sequences of its salt. A whole block is found by
// the hash of its tokens behind its parent's hash; the hash only narrows the search, parent and tokens decide.
import type { KvRows } from './kv-cache.js';
import { type TokenHash, tokenHash } from './token-hash.js';

/** Tokens of a whole block. The last one of a sequence may have fewer, and then nothing follows it. */
export const BLOCK_TOKENS = 64;

/** What blocks follow: another block, or the beginning of sequences. */
interface Parent {
  readonly hash: number;
  readonly children: Set<Block>;
}

export interface Block extends Parent {
  readonly salt: string | undefined;
  readonly parent: Parent;
  readonly tokens: Int32Array;
  readonly rows: KvRows;
  lastUsedMs: number;
}

export interface PartOfBlock {
  readonly block: Block;
  /** How many of its tokens, from the first on. */
  readonly count: number;
}

export class BlockTree {
  /** Whole blocks only. */
  private readonly byHash = new Map<number, Block[]>();
  /** Beginnings by salt: what differs in it shares nothing, whatever the hashes are. */
  private readonly roots = new Map<string | undefined, Parent>();

  constructor(private readonly hash: TokenHash = tokenHash) {}

  /** The whole blocks that hold the beginning of the first `most` tokens, as far as there are any. */
  wholeBlocks(salt: string | undefined, tokens: ArrayLike<number>, most: number): Block[] {
    const path: Block[] = [];
    let parent = this.roots.get(salt);
    for (let start = 0; parent !== undefined && start + BLOCK_TOKENS <= most; start += BLOCK_TOKENS) {
      const follows = (block: Block) =>
        block.parent === parent && commonLength(block.tokens, tokens, start, BLOCK_TOKENS) === BLOCK_TOKENS;
      const found = this.byHash.get(this.hash(parent.hash, tokens, start, BLOCK_TOKENS))?.find(follows);
      if (found !== undefined) path.push(found);
      parent = found;
    }
    return path;
  }

  /** The block behind the whole blocks of `path` that agrees longest with what follows there, up to token `most`. */
  partBehind(
    path: readonly Block[],
    salt: string | undefined,
    tokens: ArrayLike<number>,
    most: number,
  ): PartOfBlock | undefined {
    const start = path.length * BLOCK_TOKENS;
    const parent = path.at(-1) ?? this.roots.get(salt);
    let best: PartOfBlock | undefined;
    for (const block of parent?.children ?? []) {
      const count = commonLength(block.tokens, tokens, start, Math.min(block.tokens.length, most - start));
      if (count > (best?.count ?? 0)) best = { block, count };
    }
    return best;
  }

  /**
   * Adds a block behind the last one of `path`.
   * @returns it, and the shorter blocks beside it that it makes superfluous: still in the tree.
   */
  add(
    path: readonly Block[],
    salt: string | undefined,
    tokens: Int32Array,
    rows: KvRows,
  ): { readonly block: Block; readonly superfluous: readonly Block[] } {
    const parent = path.at(-1) ?? this.rootOf(salt);
    const superfluous = [...parent.children].filter(
      ({ tokens: known }) => commonLength(known, tokens, 0, known.length) === known.length,
    );
    const hash = this.hash(parent.hash, tokens, 0, tokens.length);
    const block: Block = { salt, parent, tokens, rows, hash, children: new Set(), lastUsedMs: 0 };
    parent.children.add(block);
    if (isWhole(block)) this.byHash.set(hash, [...(this.byHash.get(hash) ?? []), block]);
    return { block, superfluous };
  }

  /** @param block One without children. */
  remove(block: Block): void {
    const { parent, hash, salt } = block;
    parent.children.delete(block);
    if (parent.children.size === 0 && parent === this.roots.get(salt)) this.roots.delete(salt);
    if (!isWhole(block)) return;
    const others = this.byHash.get(hash)!.filter((each) => each !== block);
    if (others.length > 0) this.byHash.set(hash, others);
    else this.byHash.delete(hash);
  }

  private rootOf(salt: string | undefined): Parent {
    const known = this.roots.get(salt);
    if (known !== undefined) return known;
    const bytes = Buffer.from(salt ?? '');
    const root = { hash: tokenHash(0, bytes, 0, bytes.length), children: new Set<Block>() };
    this.roots.set(salt, root);
    return root;
  }
}

/** How many tokens of `a`, at most `most`, equal those of `b` from `start` on. */
export function commonLength(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  start: number,
  most: number,
): number {
  let i = 0;
  while (i < most && a[i] === b[start + i]) i++;
  return i;
}

function isWhole({ tokens }: Block): boolean {
  return tokens.length === BLOCK_TOKENS;
}
