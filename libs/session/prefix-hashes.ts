// Names for the beginnings of a token sequence, block by block, so that a gateway can find out who has read them already
// without anybody telling what they say. Each hash covers all blocks before it. The salt is the key: the same tokens of
// two tenants have nothing in common.
import { createHash } from 'node:crypto';

/** As libs/engine keeps them. */
export const BLOCK_TOKENS = 64;
/** Of one sequence: whoever agrees so far is alike enough. */
const MAX_BLOCKS = 256;
/** 72 bits in base64: a wrong match costs a cache miss. */
const NAME_LENGTH = 12;

/** One for each whole block, from the first on. */
export function prefixHashes(salt: string | undefined, tokens: readonly number[]): string[] {
  const numBlocks = Math.min(Math.floor(tokens.length / BLOCK_TOKENS), MAX_BLOCKS);
  if (numBlocks === 0) return [];
  let digest = createHash('sha256')
    .update(`outrider prefix of ${salt ?? ''}`)
    .digest();
  return Array.from({ length: numBlocks }, (_, block) => {
    const ids = Uint32Array.from(tokens.slice(block * BLOCK_TOKENS, (block + 1) * BLOCK_TOKENS));
    digest = createHash('sha256').update(digest).update(ids).digest();
    return digest.toString('base64url').slice(0, NAME_LENGTH);
  });
}
