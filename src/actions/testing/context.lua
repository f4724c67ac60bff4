-- test.page{...}: a `ctx` over a page that is described in Lua.

local kit = ...
local test, fake, clock = kit.test, kit.fake, kit.test.clock

-- What a description may say about the world around its first page.
local OF_THE_WORLD = { "answers", "pages", "config", "state", "shared", "command", "http", "credentials" }

local function logs(world)
  local log = {}
  for _, level in ipairs({ "debug", "info", "warn", "error" }) do
    log[level] = function(text, fields)
      table.insert(world.logs, { level = level, text = text, fields = fields })
    end
  end
  return log
end

-- Another action, as `ctx.run` runs it: with the same ctx, its parameters checked.
local function runner(world, ctx)
  return function(name, params)
    table.insert(world.calls, { name = "run", name, params })
    local answer = world.answers["run:" .. name]
    if type(answer) == "function" then
      return answer(params)
    elseif answer ~= nil then
      return answer
    end
    return test.action(name).run(ctx, params)
  end
end

-- Fields of ctx that are neither nouns nor made here are named when a script uses them.
local function refuse(_, name)
  if kit.fields[name] then
    error("the fake does not know ctx." .. name .. "; give it: test.page({ answers = { [\"" .. name .. "\"] = ... } })", 2)
  end
  local known = {}
  for field in pairs(kit.fields) do
    table.insert(known, field)
  end
  local near = type(name) == "string" and kit.nearest(name, known)
  error("there is no ctx." .. tostring(name) .. (near and "; did you mean ctx." .. near .. "?" or ""), 2)
end

-- A world as far as it has no page yet.
function kit.empty_world(description)
  local world = { calls = {}, logs = {}, active = 1 }
  for _, name in ipairs(OF_THE_WORLD) do
    world[name] = description[name] or {}
    description[name] = nil
  end
  return world
end

-- Puts the nouns into a ctx: all, or those that lie beyond the page.
function kit.add_nouns(world, ctx, all)
  for field, noun in pairs(kit.context_nouns) do
    if all or fake.services[noun] then
      ctx[field] = fake.object(world, noun, noun == "store" and { data = world[field] } or nil)
    end
  end
end

local function world_of(description)
  local world = kit.empty_world(description)
  local first = fake.open(description)
  first.history = { first.url, at = 1 }
  world.first = first
  world.tabs = { first }
  -- The first page is there again when somebody comes back to it.
  world.pages[first.url] = world.pages[first.url] or first
  return world
end

-- What every ctx of a test has beside its nouns.
function kit.common(world, ctx)
  local command = { id = "test", room_name = "test", action = "test", attempt = 1 }
  for name, value in pairs(world.command) do
    command[name] = value
  end
  ctx.command = command
  ctx.log = logs(world)
  ctx.run = runner(world, ctx)
  ctx.calls = world.calls
  ctx.logs = world.logs
  if kit.fields.config then
    ctx.config = fake.is_empty(world.config) and kit.config or world.config
  end
  if kit.fields.session then
    ctx.session = { id = "test", room_name = command.room_name }
  end
end

-- A ctx over one described page; see docs/scripting.md for what a description may say.
function test.page(description)
  if type(description) == "string" then
    description = kit.read_json(description)
  end
  local world = world_of(description or {})
  local ctx = {}
  kit.common(world, ctx)
  ctx.sleep, ctx.spawn, ctx.now = clock.sleep, clock.spawn, clock.now
  kit.add_nouns(world, ctx, true)
  for name, answer in pairs(world.answers) do
    if kit.fields[name] then
      ctx[name] = answer
    end
  end
  return setmetatable(ctx, { __index = refuse })
end
