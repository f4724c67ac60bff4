-- test.action, test.policy, ...: the scripts under test, called as the host would call them.

local kit = ...
local test, clock = kit.test, kit.test.clock

-- The script's own table, with `run` behind the checks that the host makes.
local function subject(script, own)
  return setmetatable(own, {
    __index = script,
    __call = function(self, ...)
      return self.run(...)
    end,
  })
end

-- An action: its parameters are checked against its schema and get their defaults.
function test.action(name)
  local script, check = kit.load("actions", name)
  return subject(script, {
    run = function(ctx, params)
      return kit.answer(script.run(ctx, check(params or {})))
    end,
  })
end

-- A policy, as the file returns it.
function test.policy(name)
  return (kit.load("policies", name))
end

-- A helper of a lib folder, as `require` gives it.
function test.lib(name)
  return (kit.load("lib", name))
end

-- A middleware: run(ctx, params, next).
function test.middleware(name)
  local script = kit.load("middleware", name)
  return subject(script, {
    run = function(ctx, params, next_one)
      return script.run(ctx, params or {}, next_one or function()
        return {}
      end)
    end,
  })
end

-- An event handler: send(ctx, { type = "page_navigation", ... }).
function test.event(name)
  local script = kit.load("events", name)
  return subject(script, {
    send = function(ctx, event)
      local handler = (script.on or {})[event.type]
      if handler == nil then
        error("the event handler " .. name .. " does not listen to " .. tostring(event.type), 2)
      end
      return handler(ctx, event)
    end,
  })
end

-- A timer: run(ctx) once, or start(ctx) and then test.clock:advance(ms).
function test.timer(name)
  local script = kit.load("timers", name)
  return subject(script, {
    start = function(ctx)
      return clock.spawn(function()
        while true do
          clock.sleep(script.every_ms)
          script.run(ctx)
        end
      end)
    end,
  })
end

-- Fails a command again and again, as the host would: the waits that a retry policy wants between the attempts.
-- options: attempts, err (a table, or a function of the attempt), ctx (more fields for the policy).
function test.attempts(policy, options)
  local most = options.attempts or 3
  local ctx = { action = "click", idempotent = false, attempts = most, max_backoff_ms = 60000 }
  for key, value in pairs(options.ctx or {}) do
    ctx[key] = value
  end
  local waits = {}
  for attempt = 1, most - 1 do
    local err = options.err
    if type(err) == "function" then
      err = err(attempt)
    end
    err.error_type = err.error_type or err.code
    local verdict = policy.decide(attempt, err, ctx)
    if not (err.retryable and verdict.retry) then
      break
    end
    local wait = math.min(math.max(verdict.after_ms or 0, 0), ctx.max_backoff_ms)
    table.insert(waits, wait)
    clock.sleep(wait)
  end
  return waits
end
