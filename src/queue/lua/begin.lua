-- Says whether a fetched job may run now, and writes down that it begins.
-- KEYS: lock, journal, meta, active, lease. ARGV: token, now, journal ms, when the job was added, host, id, me, lock ms.
local call = redis.call
local token, lease = call('GET', KEYS[1]), call('GET', KEYS[5])
-- After an outage the lease comes back before the locks do.
if not token and not lease then return { 'later' } end
if not token and lease == ARGV[7] and call('LPOS', KEYS[4], ARGV[6]) then
  call('SET', KEYS[1], ARGV[1], 'PX', ARGV[8])
  token = ARGV[1]
end
if token ~= ARGV[1] then return { 'lost' } end
if call('HGET', KEYS[3], 'paused') then return { 'paused' } end
local entry = call('HMGET', KEYS[2], 'state', 'added', 'success', 'outcome', 'reason', 'host', 'token')
local again = false
if entry[1] and entry[2] == ARGV[4] then
  if entry[1] == 'finished' then return { 'finished', entry[3], entry[4], entry[5] } end
  again = true
else
  call('DEL', KEYS[2])
end
call('HSET', KEYS[2], 'state', 'started', 'added', ARGV[4], 'at', ARGV[2], 'host', ARGV[5], 'token', ARGV[1])
call('PEXPIRE', KEYS[2], ARGV[3])
if again then return { 'again', entry[6] or '', entry[7] or '' } end
return { 'run' }
