// Adds entries to a journal and extends its lease, unless another owner has taken over. An entry's number is its id in the
// stream, so a repeated call adds nothing twice. (Why a string: see claim-1.lua.ts.)

/**
 * KEYS as in open-journal-3.lua.ts
 * ARGV[1] owner  ARGV[2] lease and ARGV[3] TTL in milliseconds  ARGV[4] most bytes of all entries
 * ARGV[5] n, how many entries come before these  ARGV[6 …] entries
 * Returns 'kept', 'fenced' or 'gone'.
 */
export const APPEND_JOURNAL = `
local journal = redis.call('HMGET', KEYS[1], 'owner', 'state', 'count', 'size')
local owner, state, count, size = journal[1], journal[2], tonumber(journal[3] or ''), tonumber(journal[4] or '')
local before = tonumber(ARGV[5])

if not (owner and state and count and size) or state == 'dropped' or before > count then return 'gone' end
if owner ~= ARGV[1] then return 'fenced' end

for i = 6 + count - before, #ARGV do
  count = count + 1
  size = size + #ARGV[i]
  if size > tonumber(ARGV[4]) then
    redis.call('HSET', KEYS[1], 'state', 'dropped')
    redis.call('DEL', KEYS[2], KEYS[3])
    redis.call('PEXPIRE', KEYS[1], ARGV[3])
    return 'gone'
  end
  redis.call('XADD', KEYS[3], string.format('%d-0', count), 'entry', ARGV[i])
end
redis.call('HSET', KEYS[1], 'count', count, 'size', size)
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('PEXPIRE', KEYS[3], ARGV[3])
if state == 'running' then redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2]) end
return 'kept'
`;
