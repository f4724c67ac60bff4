-- A value as a failed test shows it: like Lua source, keys sorted, deep and long ones cut.

local kit = ...

local MOST = 24
local DEEP = 5

local function is_word(key)
  return type(key) == "string" and string.find(key, "^[%a_][%w_]*$") ~= nil
end

local function order(a, b)
  if type(a) == type(b) and (type(a) == "number" or type(a) == "string") then
    return a < b
  end
  return tostring(a) < tostring(b)
end

local show

local function fields(value, depth, seen)
  local keys, parts = {}, {}
  for key in pairs(value) do
    table.insert(keys, key)
  end
  table.sort(keys, order)
  for at, key in ipairs(keys) do
    if at > MOST then
      table.insert(parts, "... " .. #keys - MOST .. " more")
      break
    end
    local text = show(value[key], depth + 1, seen)
    if type(key) == "number" and key >= 1 and key <= #value then
      table.insert(parts, text)
    elseif is_word(key) then
      table.insert(parts, key .. " = " .. text)
    else
      table.insert(parts, "[" .. show(key, depth + 1, seen) .. "] = " .. text)
    end
  end
  return #parts == 0 and "{}" or "{ " .. table.concat(parts, ", ") .. " }"
end

function show(value, depth, seen)
  local kind = typeof(value)
  if kind == "string" then
    local text = #value > 400 and string.sub(value, 1, 400) .. "..." or value
    return string.format("%q", text)
  end
  if kind ~= "table" then
    return value == host.json.null and "host.json.null" or tostring(value)
  end
  if seen[value] or depth > DEEP then
    return "{ ... }"
  end
  seen[value] = true
  local text = fields(value, depth, seen)
  seen[value] = nil
  return text
end

function kit.show(value)
  return show(value, 1, {})
end
