-- What targets mean on a fake page: indexes, simple selectors, points, the focus.

local kit = ...
local fake = kit.fake

-- Attributes that an element may also have as fields, as a snapshot shows them.
local SHORT = { id = true, name = true, type = true, placeholder = true, href = true, role = true, class = true }
local FIELDS = { input = true, textarea = true, select = true }
local NO_TEXT = { checkbox = true, radio = true, button = true, submit = true, hidden = true, file = true }

function fake.attribute(element, name)
  local value = (element.attributes or {})[name]
  if value == nil and SHORT[name] then
    value = element[name]
  end
  return value
end

function fake.takes_text(element)
  local tag = element.tag or "button"
  return tag == "textarea" or (tag == "input" and not NO_TEXT[fake.attribute(element, "type") or "text"])
end

function fake.is_field(element)
  return FIELDS[element.tag or "button"] == true
end

-- Its tag with the attributes that tell it from others; never what it holds.
function fake.describe(element)
  local parts = { element.tag or "button" }
  for _, name in ipairs({ "id", "name", "type", "placeholder", "href" }) do
    local value = fake.attribute(element, name)
    if value ~= nil then
      table.insert(parts, name .. "='" .. tostring(value) .. "'")
    end
  end
  return "<" .. table.concat(parts, " ") .. ">"
end

-- Where it is: as described, or in a column with the others.
function fake.rect(element)
  return element.rect or { x = 10, y = 10 + 30 * element.index, width = 100, height = 20 }
end

local function has_class(element, class)
  local all = " " .. tostring(fake.attribute(element, "class") or "") .. " "
  return string.find(all, " " .. class .. " ", 1, true) ~= nil
end

-- One piece of a simple selector: where the next begins, and whether the element fits.
local function piece(element, selector, at)
  local mark, name = string.match(selector, "^([#.]?)([%w_-]+)", at)
  if name then
    local fits = (mark == "" and (element.tag or "button") == string.lower(name))
      or (mark == "#" and fake.attribute(element, "id") == name)
      or (mark == "." and has_class(element, name))
    return at + #mark + #name, fits
  end
  local whole, attribute, rest = string.match(selector, "^(%[([%w_-]+)([^%]]*)%])", at)
  if not whole then
    return nil
  end
  local value = fake.attribute(element, attribute)
  local wanted = string.match(rest, "^=[\"']?(.-)[\"']?$")
  if wanted == nil and rest ~= "" then
    return nil
  end
  return at + #whole, value ~= nil and (wanted == nil or tostring(value) == wanted)
end

local function fits(element, selector)
  if selector == "*" then
    return true
  end
  local at, all = 1, true
  while at <= #selector do
    local after, one = piece(element, selector, at)
    if after == nil then
      error(
        "the fake page understands tag, #id, .class, [name] and [name=value], and lists of them, not " .. selector
          .. "; give the element an id, or test on a real page with test.browser and --browser",
        0
      )
    end
    at, all = after, all and one
  end
  return all
end

local function trimmed(text)
  return (string.gsub(text, "^%s*(.-)%s*$", "%1"))
end

-- The first element that a selector means, or nil.
function fake.select(page, selector)
  -- Refuses what it does not understand also on an empty page.
  for one in string.gmatch(selector, "[^,]+") do
    fits({}, trimmed(one))
  end
  for _, element in ipairs(page.elements) do
    for one in string.gmatch(selector, "[^,]+") do
      if fits(element, trimmed(one)) then
        return element
      end
    end
  end
  return nil
end

-- The element at a point, or nil.
function fake.at_point(page, x, y)
  for _, element in ipairs(page.elements) do
    local rect = fake.rect(element)
    local inside = x >= rect.x and x < rect.x + rect.width and y >= rect.y and y < rect.y + rect.height
    if inside and element.visible ~= false then
      return element
    end
  end
  return nil
end
