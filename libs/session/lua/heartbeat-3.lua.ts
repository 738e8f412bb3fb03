// Writes a worker's entry for one more TTL, and tells the others only if something changed: a heartbeat is news to
// nobody, a first one or a draining one is. (Why a string: see claim-1.lua.ts.)

/**
 * KEYS[1] epoch  KEYS[2] set of the role's ids  KEYS[3] the worker's entry
 * ARGV[1] worker id  ARGV[2] record in JSON  ARGV[3] TTL in milliseconds  ARGV[4] epoch to set if there is none
 * ARGV[5] channel
 * Returns 1 if the entry is new or changed, else 0.
 */
export const HEARTBEAT = `
local before = redis.call('GET', KEYS[3])
local added = redis.call('SADD', KEYS[2], ARGV[1])
redis.call('SET', KEYS[1], ARGV[4], 'NX')
redis.call('SET', KEYS[3], ARGV[2], 'PX', ARGV[3])
if added == 0 and before == ARGV[2] then return 0 end
redis.call('PUBLISH', ARGV[5], '')
return 1
`;
