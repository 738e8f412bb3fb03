// Begins a journal, takes over one whose owner's lease has run out, or says who stands where. (Why a string: see
// claim-1.lua.ts.) Leases run by Redis's own clock: the key of one is there or it isn't.

/**
 * KEYS[1] journal, a hash {fingerprint, opening, owner, state, count, size}  KEYS[2] its lease, a string with TTL
 * KEYS[3] its entries, a stream
 * ARGV[1] fingerprint  ARGV[2] opening  ARGV[3] the caller as owner  ARGV[4] lease and ARGV[5] TTL in milliseconds
 * Returns {standing, opening}; standing may also be 'reused' or 'dropped'.
 */
export const OPEN_JOURNAL = `
local journal = redis.call('HMGET', KEYS[1], 'fingerprint', 'opening', 'state', 'count')
local fingerprint, opening, state, count = journal[1], journal[2], journal[3], tonumber(journal[4] or '')

if fingerprint and fingerprint ~= ARGV[1] then return {'reused', ''} end
if state == 'dropped' then return {'dropped', ''} end
-- Redis may have evicted a part of it.
if not (fingerprint and opening and state and count == redis.call('XLEN', KEYS[3])) then
  redis.call('DEL', KEYS[1], KEYS[3])
  redis.call('HSET', KEYS[1], 'fingerprint', ARGV[1], 'opening', ARGV[2], 'owner', ARGV[3],
    'state', 'running', 'count', 0, 'size', 0)
  redis.call('PEXPIRE', KEYS[1], ARGV[5])
  redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[4])
  return {'started', ARGV[2]}
end
if state == 'complete' then return {'complete', opening} end
if redis.call('EXISTS', KEYS[2]) == 1 then return {'attached', opening} end
redis.call('HSET', KEYS[1], 'owner', ARGV[3])
redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[4])
return {'resumed', opening}
`;
