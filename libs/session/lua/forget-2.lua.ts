// Takes a worker out of its role's set: when it leaves, or when a reader finds that its entry has expired.
// Atomic, because a reader's finding may be old by now and the worker back. (Why a string: see claim-1.lua.ts.)

/**
 * KEYS[1] set of the role's ids  KEYS[2] the worker's entry
 * ARGV[1] worker id  ARGV[2] channel  ARGV[3] '1' to remove the entry too, '0' to leave a live one alone
 * Returns 1 if the worker was removed, else 0.
 */
export const FORGET = `
if ARGV[3] == '1' then redis.call('DEL', KEYS[2]) end
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
local removed = redis.call('SREM', KEYS[1], ARGV[1])
if removed == 1 then redis.call('PUBLISH', ARGV[2], '') end
return removed
`;
