-- Finishes a job and its journal entry in one step. Comes after BullMQ's moveToFinished, wrapped as `finish`.
-- KEYS[15] journal, [16] lease. ARGV[10] me, [11] token, [12] lock ms, [13] success, [14] outcome, [15] reason, [16] journal ms.
local code = finish()
local lease = redis.call('GET', KEYS[16])
-- After an outage the lease comes back before the locks do: -100 asks to try again then.
if code == -2 and not lease then return -100 end
if code == -2 and lease == ARGV[10] and redis.call('LPOS', KEYS[2], ARGV[1]) then
  redis.call('SET', KEYS[12] .. ':lock', ARGV[11], 'PX', ARGV[12])
  code = finish()
end
if code == -2 or code == -6 then
  -- Another host has the job. If it has not begun it, it will find the outcome here and not run it again.
  local entry = redis.call('HMGET', KEYS[15], 'state', 'token')
  if entry[1] == 'started' and entry[2] == ARGV[11] then
    redis.call('HSET', KEYS[15], 'state', 'finished', 'success', ARGV[13], 'outcome', ARGV[14], 'reason', ARGV[15])
    redis.call('PEXPIRE', KEYS[15], ARGV[16])
  end
elseif code ~= -4 and code ~= -9 then
  redis.call('DEL', KEYS[15])
end
return code
