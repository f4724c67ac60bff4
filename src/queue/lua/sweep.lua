-- The regular look for jobs whose lock ran out; only the lease's holder may. Follows recover.lua.
-- KEYS[10] lease. ARGV: me, prefix, max stalled.
if call('GET', KEYS[10]) ~= ARGV[1] then return { 0, {} } end
local count, begun = recover(ARGV[2], '', tonumber(ARGV[3]))
return { count, begun }
