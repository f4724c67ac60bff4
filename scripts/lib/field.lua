-- Giving form fields of any kind a value, and telling whether they took it.

local field = {}

local words = { ["true"] = true, on = true, yes = true, ["1"] = true, ["false"] = false, off = false, no = false, ["0"] = false }

local function fail_value(sentence)
  host.fail("invalid_params", sentence)
end

-- A value as text, as a person would write it into a field.
local function as_text(value)
  if type(value) == "number" and value == math.floor(value) and math.abs(value) < 1e15 then
    return string.format("%d", value)
  end
  return tostring(value)
end

-- A value as yes or no, for boxes.
local function as_boolean(value)
  if type(value) == "boolean" then
    return value
  end
  local known = words[string.lower(as_text(value))]
  if known == nil then
    fail_value("a tick box takes true or false")
  end
  return known
end

-- A value as a list of texts.
local function as_list(value)
  local list = {}
  for _, one in ipairs(type(value) == "table" and value or { value }) do
    list[#list + 1] = { any = as_text(one) }
  end
  return list
end

-- New text in place of the old; a field that refuses it fails, one that formats it says so.
function field.fill(element, text)
  local became = element:fill(text)
  if text ~= "" and (became == "empty" or became == "unchanged") then
    host.fail(
      "action_failed",
      "the field " .. element:describe() .. " did not take the text; it may be read-only or filtered"
    )
  end
  if text == "" and became ~= "same" then
    host.fail("action_failed", "the field " .. element:describe() .. " cannot be emptied; the page fills it again")
  end
  return { exact = became == "same" }
end

local function set_radio(element, value)
  if value == false then
    fail_value("a radio button cannot be turned off; choose another one of its group")
  end
  local radio = element
  if value ~= true then
    radio = element:radio(as_text(value))
  end
  radio:set_checked(true)
  return { checked = true }
end

local setters = {
  checkbox = function(element, value)
    local on = as_boolean(value)
    element:set_checked(on)
    return { checked = on }
  end,
  radio = set_radio,
  select = function(element, value)
    return { chosen = element:select({ any = as_text(value) }) }
  end,
}
-- Many such fields take other words too than those of their list.
setters.combobox = function(element, value)
  local ok, chosen = pcall(function()
    return element:select({ any = as_text(value) })
  end)
  if ok then
    return { chosen = chosen }
  end
  local filled
  ok, filled = pcall(field.fill, element, as_text(value))
  return ok and filled or error(chosen, 0)
end
setters["select-multiple"] = function(element, value)
  return { chosen = host.json.array(element:select_many(as_list(value))) }
end
setters.listbox = setters["select-multiple"]
setters.file = function()
  fail_value("a file field takes files from upload_file only")
end

-- Gives a field its value by the way of its kind; what came of it.
function field.set(element, value)
  local kind = element:kind()
  local setter = setters[kind]
  local done
  if setter then
    done = setter(element, value)
  elseif type(value) == "table" or type(value) == "boolean" then
    fail_value("a field of this kind (" .. kind .. ") takes text or a number")
  else
    done = field.fill(element, as_text(value))
  end
  done.kind = kind
  return done
end

return field
