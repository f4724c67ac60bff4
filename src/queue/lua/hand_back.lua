-- Returns jobs that were fetched and never begun. Follows put_back.lua.
-- ARGV: prefix, then id and token of each, from the newest to the oldest.
local ids = {}
for i = 2, #ARGV, 2 do
  if call('GET', ARGV[1] .. ARGV[i] .. ':lock') == ARGV[i + 1] then table.insert(ids, ARGV[i]) end
end
return put_back(ARGV[1], ids)
