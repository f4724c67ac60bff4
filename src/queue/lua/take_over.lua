-- Takes the lease when it is free, and in the same breath returns the jobs of its last holder. Follows recover.lua.
-- KEYS[10] lease, [11] last holder, [12] fence. ARGV: me (JSON), lease ms, a holder known to be dead or "", prefix, max stalled.
local current = call('GET', KEYS[10])
if current and current ~= ARGV[1] and current ~= ARGV[3] then
  return { 0, call('PTTL', KEYS[10]), current, 0, {} }
end
local previous = call('GET', KEYS[11])
call('SET', KEYS[10], ARGV[1], 'PX', ARGV[2])
call('SET', KEYS[11], ARGV[1])
local fence = call('INCR', KEYS[12])
local broken = ''
if previous and previous ~= ARGV[1] then
  local known, holder = pcall(cjson.decode, previous)
  if known and type(holder) == 'table' and type(holder.instance) == 'string' then broken = holder.instance .. ':' end
end
local count, begun = recover(ARGV[4], broken, tonumber(ARGV[5]))
return { 1, fence, previous or '', count, begun }
