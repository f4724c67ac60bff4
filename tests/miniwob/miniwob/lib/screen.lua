-- What a policy sees and does: the numbered elements of the page, and actions on them by their numbers.


local screen = {}
screen.__index = screen

-- How long something may take to appear, and how often it is looked for.
local PATIENCE_MS = 5000
local PACE_MS = 50

function screen.of(ctx)
  return setmetatable({ ctx = ctx }, screen):look()
end

-- Numbers the elements anew.
function screen:look()
  self.shot = self.ctx.page:snapshot()
  return self
end

-- Whether an element is what is wanted: its text, or each field of a table (a function decides about its own).
local function fits(element, wanted)
  if type(wanted) == "string" then
    return element.text == wanted
  end
  for name, value in pairs(wanted) do
    local is = element[name]
    if type(value) == "function" then
      if not value(is) then
        return false
      end
    elseif is ~= value then
      return false
    end
  end
  return true
end

-- All elements that fit, in the order of the page.
function screen:all(wanted)
  local found = {}
  for _, element in ipairs(self.shot.elements) do
    if fits(element, wanted) then
      table.insert(found, element)
    end
  end
  return found
end

-- The first element that fits, or the nth; nil when there is none.
function screen:find(wanted, nth)
  return self:all(wanted)[nth or 1]
end

-- The same, or what has been found before; fails when there is none, and says what there is.
function screen:get(wanted, nth)
  if type(wanted) == "table" and wanted.index ~= nil then
    return wanted
  end
  local found = self:find(wanted, nth)
  if found == nil then
    local name = type(wanted) == "table" and (wanted.text or wanted.tag or wanted.type) or wanted
    host.fail("element_not_found", "not among the " .. #self.shot.elements .. " elements: " .. tostring(name))
  end
  return found
end

-- Looks until there is such an element.
function screen:await(wanted, nth)
  local last = self.ctx.now() + PATIENCE_MS
  while self.ctx.now() < last do
    local found = self:look():find(wanted, nth)
    if found ~= nil then
      return found
    end
    self.ctx.sleep(PACE_MS)
  end
  return self:get(wanted, nth)
end

-- Does an action to an element of the latest look.
function screen:act(name, element, params)
  params = params or {}
  params.index, params.revision = element.index, self.shot.revision
  return self.ctx.run(name, params)
end

function screen:click(wanted, nth)
  self:act("click", self:get(wanted, nth))
end

function screen:hover(wanted, nth)
  self:act("hover", self:get(wanted, nth))
end

function screen:type(wanted, text, nth)
  self:act("type", self:get(wanted, nth), { text = text, clear = true })
end

function screen:keys(wanted, keys, nth)
  self:act("send_keys", self:get(wanted, nth), { keys = keys })
end

-- An attribute that the list of elements does not have.
function screen:attribute(element, name)
  return self.ctx.page:locate({ index = element.index, revision = self.shot.revision }):attribute(name)
end

-- All of an element's text; the list of elements has only its beginning.
function screen:text(wanted, nth)
  return self:act("get_element_text", self:get(wanted, nth)).text
end

return screen
