// What slots leave behind: the rows of their sequences in blocks, so that a later sequence with the same beginning copies
// them instead of computing them (after vLLM's automatic prefix caching and SGLang's RadixAttention, arXiv 2312.07104).
// Sequences of one salt share the blocks they have in common. The least recently used block goes first, from the end of a
// sequence on.
import { BLOCK_TOKENS, type Block, BlockTree } from './block-tree.js';
import type { KvBuffers } from './kv-buffers.js';
import { bytesPerToken, type KvCache, type KvShape, type RowRange } from './kv-cache.js';
import type { TokenHash } from './token-hash.js';

/** Tokens that must be gained: below it neither a copy nor a block is worth its bookkeeping. */
export const MIN_GAIN = 16;

export interface PrefixCacheOptions {
  readonly shape: KvShape;
  readonly now: () => number;
  readonly hash?: TokenHash | undefined;
  /** Where the memory of blocks goes to. */
  readonly buffers?: KvBuffers | undefined;
}

/** Blocks that hold a sequence's beginning, in order. */
export interface StoredPrefix {
  readonly blocks: readonly Block[];
  /** Tokens in all; the last block may hold more. */
  readonly length: number;
}

export class PrefixCache {
  private readonly tree: BlockTree;
  /** In order of use, what follows a block before the block itself: the first one never has children. */
  private readonly blocks = new Set<Block>();
  private numTokens = 0;

  constructor(private readonly options: PrefixCacheOptions) {
    this.tree = new BlockTree(options.hash);
  }

  get size(): number {
    return this.blocks.size;
  }

  get bytes(): number {
    return this.numTokens * bytesPerToken(this.options.shape);
  }

  /** The block to drop first. */
  get oldest(): Block | undefined {
    return this.blocks.values().next().value;
  }

  /** The longest stored beginning of the first `most` tokens; it counts as used now. */
  find(salt: string | undefined, tokens: ArrayLike<number>, most: number): StoredPrefix {
    const blocks = this.tree.wholeBlocks(salt, tokens, most);
    const part = this.tree.partBehind(blocks, salt, tokens, most);
    const length = blocks.length * BLOCK_TOKENS + (part?.count ?? 0);
    if (part !== undefined) blocks.push(part.block);
    this.touch(blocks);
    return { blocks, length };
  }

  /**
   * Takes the cache apart and keeps those rows of the sequence's first `length` tokens that are new. What is kept takes no
   * more room than what the cache gives back.
   */
  keep(salt: string | undefined, tokens: ArrayLike<number>, length: number, cache: KvCache): void {
    const path = this.tree.wholeBlocks(salt, tokens, length);
    const whole = path.length * BLOCK_TOKENS;
    const part = this.tree.partBehind(path, salt, tokens, length);
    const isHeld = part !== undefined && whole + part.count === length;
    const ranges = isHeld ? [] : blocksOf(whole, length);
    const rows = cache.takeApart(ranges);
    for (const [i, { start, count }] of ranges.entries()) {
      const named = Int32Array.from({ length: count }, (_, at) => tokens[start + at]!);
      const { block, superfluous } = this.tree.add(path, salt, named, rows[i]!);
      for (const shorter of superfluous) this.drop(shorter);
      this.numTokens += count;
      path.push(block);
    }
    if (isHeld) path.push(part.block);
    this.touch(path);
  }

  /** @param block One without children. */
  drop(block: Block): void {
    this.tree.remove(block);
    this.blocks.delete(block);
    this.numTokens -= block.tokens.length;
    for (const part of block.rows.parts) this.options.buffers?.give(part);
  }

  /** Drops what was last used at `expiryMs` or before. */
  expire(expiryMs: number): void {
    for (const block of this.blocks) {
      if (block.lastUsedMs > expiryMs) return;
      this.drop(block);
    }
  }

  private touch(path: readonly Block[]): void {
    const lastUsedMs = this.options.now();
    for (const block of path.toReversed()) {
      block.lastUsedMs = lastUsedMs;
      this.blocks.delete(block);
      this.blocks.add(block);
    }
  }
}

/** Copies from the blocks what the cache lacks. */
export function copyStored(cache: KvCache, { blocks, length }: StoredPrefix): void {
  for (const [i, { rows }] of blocks.entries()) {
    const first = i * BLOCK_TOKENS;
    const start = Math.max(0, cache.length - first);
    const end = Math.min(rows.capacity, length - first);
    if (start < end) cache.append(rows, { start, count: end - start });
  }
}

/** The blocks of the tokens from `from` to `to`; a last one that is too short is left out. */
function blocksOf(from: number, to: number): RowRange[] {
  const ranges: RowRange[] = [];
  for (let start = from; to - start >= MIN_GAIN; start += BLOCK_TOKENS)
    ranges.push({ start, count: Math.min(BLOCK_TOKENS, to - start) });
  return ranges;
}
