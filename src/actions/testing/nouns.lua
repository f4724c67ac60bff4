-- Objects that stand for the host's nouns in a test: the same methods, every call noted, what nobody described refused.

local kit = ...

-- behaviours[noun][method] = function(world, own, ...): what the fake does by itself.
local fake = { behaviours = {} }
kit.fake = fake

local function note(world, name, own, ...)
  local call = { name = name, ... }
  if own ~= nil then
    call.index = own.index
  end
  table.insert(world.calls, call)
end

-- Calls what the test has described, or what the fake does by itself; fails when that is nothing.
local function perform(world, noun, method, own, ...)
  local name = noun .. ":" .. method
  note(world, name, own, ...)
  local answer = world.answers[name]
  if type(answer) == "function" then
    if own ~= nil then
      return answer(own, ...)
    end
    return answer(...)
  elseif answer ~= nil then
    return answer
  end
  local behaviour = (fake.behaviours[noun] or {})[method]
  if behaviour == nil then
    error(
      "the fake does not know " .. name .. "(); say what it gives: "
        .. 'test.page({ answers = { ["' .. name .. '"] = function(...) end } })',
      3
    )
  end
  return behaviour(world, own, ...)
end

-- A page, an element, a mouse, ... of a fake world; `own` is the description that it stands for.
function fake.object(world, noun, own)
  local methods = kit.nouns[noun]
  return setmetatable({}, {
    __index = function(self, method)
      if type(method) ~= "string" or not methods[method] then
        local known = {}
        for name in pairs(methods) do
          table.insert(known, name)
        end
        local near = kit.nearest(tostring(method), known)
        local hint = near and "; did you mean " .. near .. "?" or ""
        error("there is no " .. noun .. ":" .. tostring(method) .. "()" .. hint, 2)
      end
      if methods[method] == "field" then
        return own[method]
      end
      return function(this, ...)
        if this ~= self then
          error("write " .. noun .. ":" .. method .. "(...) with a colon", 2)
        end
        return perform(world, noun, method, own, ...)
      end
    end,
    __newindex = function()
      error("a " .. noun .. " takes no fields", 2)
    end,
    __tostring = function()
      return "fake " .. noun
    end,
  })
end

-- Whether x is a table that holds nothing.
function fake.is_empty(x)
  return type(x) ~= "table" or next(x) == nil
end
