-- Keeps the lease. One that ran out, or was lost with Redis' memory, is taken again as long as nobody else had it since.
-- KEYS: lease, last holder, fence. ARGV: me, lease ms, my fence.
local call = redis.call
local current = call('GET', KEYS[1])
local holder = call('GET', KEYS[2])
local fence = tonumber(call('GET', KEYS[3]) or '0')
if (current and current ~= ARGV[1]) or (holder and holder ~= ARGV[1]) then return 0 end
call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
if not holder then call('SET', KEYS[2], ARGV[1]) end
if fence < tonumber(ARGV[3]) then call('SET', KEYS[3], ARGV[3]) end
return 1
