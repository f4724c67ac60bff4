-- After a fetch whose answer was lost: makes that fetch impossible from now on and returns what it took. Follows put_back.lua.
-- KEYS[10] lease, [11] fence. ARGV: me, prefix, the fetch's token.
if call('GET', KEYS[10]) ~= ARGV[1] then return { 0, 0 } end
local fence = call('INCR', KEYS[11])
local ids = {}
for _, id in ipairs(call('LRANGE', active, 0, -1)) do
  if call('GET', ARGV[2] .. id .. ':lock') == ARGV[3] then table.insert(ids, id) end
end
return { fence, put_back(ARGV[2], ids) }
