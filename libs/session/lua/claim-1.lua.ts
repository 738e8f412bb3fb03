// Lua as a TypeScript string, one script a file: tsc copies no .lua files, and reading them from the package root at
// run time would break as soon as only dist/ is shipped. The number in the file name is the number of KEYS.
//
// Returns a session's pin and extends its lease; pins the candidate if there is none or its verifier is not live.
// The fencing generation grows by one on a move. A pin made anew starts at Redis's own clock in microseconds: that
// lies above all earlier generations of the session (one run of this script takes longer than that), so fencing
// survives an expired lease, a release and an emptied Redis without a counter key that must outlive every session.
// It can fall only if that clock is set back, or a replica with a slower one takes over: fencing is a help, not a proof.

/**
 * KEYS[1] pin, a hash {verifier, draft, generation}
 * ARGV[1] candidate verifier id, '' to make no new pin
 * ARGV[2] candidate draft id, '' for none
 * ARGV[3] lease in milliseconds
 * ARGV[4] n, the number of live verifier ids
 * ARGV[5 … 4 + n] live verifier ids; ARGV[5 + n …] live draft ids
 * Returns {verifier id, draft id, generation in decimal}, or nil: no live pin and no candidate.
 */
export const CLAIM = `
local verifiers = tonumber(ARGV[4])
local function listed(id, first, last)
  for i = first, last do
    if ARGV[i] == id then return true end
  end
  return false
end

local pin = redis.call('HMGET', KEYS[1], 'verifier', 'draft', 'generation')
local verifier, draft, generation = pin[1], pin[2], tonumber(pin[3] or '')
local pinned = verifier and draft and generation

if pinned and listed(verifier, 5, 4 + verifiers) then
  if not listed(draft, 5 + verifiers, #ARGV) then draft = ARGV[2] end
elseif ARGV[1] == '' then
  return nil
else
  verifier, draft = ARGV[1], ARGV[2]
  if pinned then
    generation = generation + 1
  else
    local time = redis.call('TIME')
    generation = time[1] * 1000000 + time[2]
  end
end

local text = string.format('%.0f', generation)
redis.call('HSET', KEYS[1], 'verifier', verifier, 'draft', draft, 'generation', text)
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return {verifier, draft, text}
`;
