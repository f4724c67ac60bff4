-- Fetches in one call as many jobs as there is room for. Comes after BullMQ's moveToActive, wrapped as `move`.
-- KEYS[12] lease, [13] fence. ARGV[4] me, [5] fence, [6] how many jobs, [7] how many bytes of job data.
if redis.call('GET', KEYS[12]) ~= ARGV[4] or redis.call('GET', KEYS[13]) ~= ARGV[5] then return { -1, 0, 0, {}, 0 } end
local jobs, bytes, delay, next_at, more = {}, 0, 0, 0, 1
while #jobs < tonumber(ARGV[6]) and bytes < tonumber(ARGV[7]) do
  local reply = move()
  if not reply[2] or reply[2] == 0 then
    delay, next_at, more = reply[3], reply[4], 0
    break
  end
  table.insert(jobs, { reply[2], reply[1] })
  bytes = bytes + #(redis.call('HGET', ARGV[1] .. reply[2], 'data') or '')
end
local state = 0
local meta = redis.call('HMGET', KEYS[9], 'paused', 'concurrency')
if meta[1] then
  state = 1
elseif meta[2] and redis.call('LLEN', KEYS[2]) >= tonumber(meta[2]) then
  state = 2
end
-- BullMQ marks the queue after each fetch; a mark on an empty queue would only wake us for nothing.
if redis.call('LLEN', KEYS[1]) == 0 and redis.call('ZCARD', KEYS[3]) == 0 then redis.call('ZREM', KEYS[11], '0') end
return { state, delay, next_at, jobs, more }
