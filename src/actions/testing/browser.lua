-- test.browser{...}: a `ctx` over a page in a real browser; the test is skipped where there is none.

local kit = ...
local test = kit.test

local Task = {}
Task.__index = Task

function Task.wait(self)
  if not self.answer[1] then
    error(self.answer[2], 0)
  end
  return table.unpack(self.answer, 2, self.answer.n)
end

-- options: html = "..." or url = "a file beside the test"; further what test.page takes for all beyond the page.
function test.browser(options)
  local real = kit.open_browser(options)
  if real == nil then
    kit.skip("it needs a real browser; run it with --browser")
  end
  local world = kit.empty_world(options)
  local ctx = {}
  for name, value in pairs(real) do
    ctx[name] = value
  end
  kit.common(world, ctx)
  kit.add_nouns(world, ctx, false)
  -- Beside each other is not needed to see what a script does: a task runs at once.
  ctx.spawn = function(fn, ...)
    return setmetatable({ answer = table.pack(pcall(fn, ...)) }, Task)
  end
  return ctx
end
