// How an owner leaves its journal. (Why a string: see claim-1.lua.ts.)

/**
 * KEYS as in open-journal-3.lua.ts
 * ARGV[1] owner  ARGV[2] 'complete', 'release' or 'forget'  ARGV[3] TTL in milliseconds
 * Returns 1, or 0 for anybody but the owner.
 */
export const END_JOURNAL = `
local journal = redis.call('HMGET', KEYS[1], 'owner', 'state')
if journal[1] ~= ARGV[1] or journal[2] ~= 'running' then return 0 end
redis.call('DEL', KEYS[2])
if ARGV[2] == 'forget' then
  redis.call('DEL', KEYS[1], KEYS[3])
elseif ARGV[2] == 'complete' then
  redis.call('HSET', KEYS[1], 'state', 'complete')
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  redis.call('PEXPIRE', KEYS[3], ARGV[3])
end
return 1
`;
