// The next entries of a journal, and how it stands. (Why a string: see claim-1.lua.ts.)

/**
 * KEYS as in open-journal-3.lua.ts
 * ARGV[1] how many entries the reader has  ARGV[2] most entries to return
 * Returns {state, entry …}; state is 'running', 'orphaned', 'complete' or 'gone'.
 */
export const READ_JOURNAL = `
local journal = redis.call('HMGET', KEYS[1], 'state', 'count')
local state, count = journal[1], tonumber(journal[2] or '')
if not state or state == 'dropped' or count ~= redis.call('XLEN', KEYS[3]) then return {'gone'} end
if state == 'running' and redis.call('EXISTS', KEYS[2]) == 0 then state = 'orphaned' end

local reply = {state}
local first = string.format('%d-0', tonumber(ARGV[1]) + 1)
for _, item in ipairs(redis.call('XRANGE', KEYS[3], first, '+', 'COUNT', ARGV[2])) do
  reply[#reply + 1] = item[2][2]
end
return reply
`;
