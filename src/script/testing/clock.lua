-- test.clock: time that stands still until somebody waits; then it jumps there at once, and what is due in between runs.

local kit = ...

-- A round number of milliseconds since 1970.
local START = 1767225600000

local clock = { ms = START }
local tasks = {}
local running = nil

table.insert(kit.resets, function()
  clock.ms = START
  tasks = {}
  running = nil
end)

-- Lets a task go on until it waits or ends.
local function step(task)
  local outer = running
  running = task
  task.due = nil
  local answer = table.pack(coroutine.resume(task.thread, table.unpack(task.args, 1, task.args.n)))
  running = outer
  task.args = { n = 0 }
  if coroutine.status(task.thread) == "dead" then
    task.answer = answer
  else
    task.due = clock.ms + answer[2]
  end
end

-- The task that is due first, not later than the limit.
local function first(limit)
  local found = nil
  for _, task in ipairs(tasks) do
    if task.due ~= nil and task.due <= limit and (found == nil or task.due < found.due) then
      found = task
    end
  end
  return found
end

local function run_until(limit)
  local task = first(limit)
  while task do
    clock.ms = math.max(clock.ms, task.due)
    step(task)
    if task.answer and not task.answer[1] and not task.is_awaited then
      error(task.answer[2], 0)
    end
    task = first(limit)
  end
  clock.ms = math.max(clock.ms, limit)
end

-- Milliseconds since 1970, as `ctx.now` gives them.
function clock.now()
  return clock.ms
end

-- Moves the time on by that many milliseconds; what is due meanwhile runs.
function clock.advance(self, ms)
  run_until(clock.ms + (self == clock and ms or self))
end

-- What `ctx.sleep` is in a test.
function clock.sleep(ms)
  if type(ms) ~= "number" or ms < 0 or ms ~= ms then
    host.fail("invalid_params", "ctx.sleep takes milliseconds from 0 on, not " .. tostring(ms))
  end
  if running and coroutine.running() == running.thread then
    coroutine.yield(ms)
  else
    run_until(clock.ms + ms)
  end
end

local handle = {}
handle.__index = handle

-- Waits until the task has ended; gives what its function returned, or raises what it raised.
function handle.wait(self)
  self.is_awaited = true
  while not self.answer do
    local next_task = first(math.huge)
    if not next_task then
      error("the task waits for something that never comes", 2)
    end
    clock.sleep(math.max(0, next_task.due - clock.ms))
  end
  if not self.answer[1] then
    error(self.answer[2], 0)
  end
  return table.unpack(self.answer, 2, self.answer.n)
end

-- What `ctx.spawn` is in a test: begins when the others wait.
function clock.spawn(fn, ...)
  local task = { thread = coroutine.create(fn), args = table.pack(...), due = clock.ms }
  table.insert(tasks, task)
  return setmetatable(task, handle)
end

kit.test.clock = clock
