-- Returns the jobs of dead workers to the head of what waits, in their order. Follows put_back.lua.

local function is_repeatable(prefix, id)
  local scheduler = call('HGET', prefix .. id, 'rjk')
  return scheduler and (call('EXISTS', repeats .. ':' .. scheduler) == 1 or call('ZSCORE', repeats, scheduler))
end

-- A job counts as stalled when it had begun to run. One that we had fetched and not begun does not; of a foreign worker's
-- job nothing is known, so it counts, as in BullMQ.
local function had_begun(prefix, id)
  local entry = call('HMGET', prefix .. 'perilune:journal:' .. id, 'state', 'added')
  local job = call('HMGET', prefix .. id, 'timestamp', 'pb')
  if entry[1] and entry[2] == job[1] then return true end
  local worker = job[2]
  return not worker or string.sub(worker, 1, 9) ~= 'perilune-'
end

-- Takes every active job whose lock is gone, or whose lock's token begins with `broken` (a host known to be dead).
local function recover(prefix, broken, max_stalled)
  local max_events = call('HGET', meta, 'opts.maxLenEvents') or 10000
  call('XTRIM', events, 'MAXLEN', '~', max_events)
  local ids, begun = {}, {}
  for _, id in ipairs(call('LRANGE', active, 0, -1)) do
    local token = call('GET', prefix .. id .. ':lock')
    if not token or (broken ~= '' and string.sub(token, 1, #broken) == broken) then
      table.insert(ids, id)
      if had_begun(prefix, id) then table.insert(begun, id) end
    end
  end
  local count = put_back(prefix, ids)
  for _, id in ipairs(begun) do
    if call('EXISTS', prefix .. id) == 1 then
      local times = call('HINCRBY', prefix .. id, 'stc', 1)
      if times > max_stalled and not is_repeatable(prefix, id) then
        call('HSET', prefix .. id, 'defa', 'job stalled more than allowable limit')
      end
      call('XADD', events, '*', 'event', 'stalled', 'jobId', id)
    end
  end
  return count, begun
end
