// Hash of a block of tokens behind another one: FNV-1a over whole tokens, mixed once more at the end. Fast, and easy to
// collide on purpose: whoever finds a block by it compares the tokens too.

/** @param parent Hash of what stands before. */
export type TokenHash = (parent: number, tokens: ArrayLike<number>, start: number, count: number) => number;

const PRIME = 0x01000193;

export const tokenHash: TokenHash = (parent, tokens, start, count) => {
  let hash = parent ^ 0x811c9dc5;
  for (let i = start; i < start + count; i++) hash = Math.imul(hash ^ tokens[i]!, PRIME);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 12)) | 0;
};
