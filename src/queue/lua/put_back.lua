-- Shared by the scripts that return active jobs to those that wait.
local call = redis.call

-- Keys of the queue, in the order of `Keys::queue` in keys.rs.
local wait, active, prioritized, events = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local stalled, meta, marker, counter, repeats = KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9]

-- Scores that go before every waiting job of the same priority, in the order of `ids` (newest first).
local function put_back_prioritized(priority, ids)
  local band = priority * 0x100000000
  local first = call('ZRANGEBYSCORE', prioritized, band, band + 0xffffffff, 'WITHSCORES', 'LIMIT', 0, 1)
  if first[2] then
    local score = tonumber(first[2])
    for _, id in ipairs(ids) do
      score = score - 1
      call('ZADD', prioritized, score, id)
    end
  else
    for i = #ids, 1, -1 do
      call('ZADD', prioritized, band + call('INCR', counter) % 0x100000000, ids[i])
    end
  end
end

-- Returns jobs to the head of what waits. `ids` runs from the newest to the oldest, so the oldest ends up first.
local function put_back(prefix, ids)
  local by_priority, count = {}, 0
  for _, id in ipairs(ids) do
    local removed = call('LREM', active, 1, id)
    call('DEL', prefix .. id .. ':lock')
    call('SREM', stalled, id)
    if removed > 0 and call('EXISTS', prefix .. id) == 1 then
      count = count + 1
      local priority = tonumber(call('HGET', prefix .. id, 'priority')) or 0
      if priority > 0 then
        by_priority[priority] = by_priority[priority] or {}
        table.insert(by_priority[priority], id)
      else
        call('RPUSH', wait, id)
      end
      call('XADD', events, '*', 'event', 'waiting', 'jobId', id, 'prev', 'active')
    end
  end
  for priority, list in pairs(by_priority) do
    put_back_prioritized(priority, list)
  end
  if count > 0 and not call('HGET', meta, 'paused') then
    call('ZADD', marker, 0, '0')
  end
  return count
end
