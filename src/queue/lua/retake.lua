-- Locks again what we still hold and nobody else took. Answers with the ids that are no longer ours.
-- KEYS: active, lease, stalled. ARGV: prefix, me, lock ms, then id and token of each.
local call = redis.call
local lost = {}
local mine = call('GET', KEYS[2]) == ARGV[2]
local there = {}
for _, id in ipairs(call('LRANGE', KEYS[1], 0, -1)) do there[id] = true end
for i = 4, #ARGV, 2 do
  local id, token = ARGV[i], ARGV[i + 1]
  local lock = ARGV[1] .. id .. ':lock'
  local now = call('GET', lock)
  if now == token or (not now and mine and there[id]) then
    call('SET', lock, token, 'PX', ARGV[3])
    call('SREM', KEYS[3], id)
  else
    table.insert(lost, id)
  end
end
return lost
