-- What elements of a fake page do by themselves.

local kit = ...
local fake = kit.fake
local element = {}
fake.behaviours.element = element

local function middle(own)
  local rect = fake.rect(own)
  return { x = rect.x + rect.width / 2, y = rect.y + rect.height / 2 }
end

-- Refuses what a person could not do either.
local function reach(own, also_disabled)
  local what = fake.describe(own)
  if own.visible == false then
    host.fail("not_interactable", what .. " is not visible")
  elseif own.covered_by then
    host.fail("not_interactable", what .. " is covered by " .. own.covered_by)
  elseif own.disabled and not also_disabled then
    host.fail("not_interactable", what .. " is disabled")
  end
end

function element.click(world, own, button, count)
  reach(own)
  for _ = 1, count or 1 do
    fake.click(world, own, button)
  end
  return middle(own)
end

function element.hover(world, own)
  reach(own, true)
  fake.tell(world, own, "on_hover")
  return middle(own)
end

function element.focus(world, own)
  reach(own)
  fake.page(world).focused = own
end

function element.focus_at_end(world, own)
  if not fake.takes_text(own) then
    host.fail("not_interactable", fake.describe(own) .. " takes no text")
  end
  element.focus(world, own)
end

function element.clear(world, own)
  element.focus_at_end(world, own)
  own.value = ""
  fake.tell(world, own, "on_input", "")
end

function element.select(world, own, option)
  reach(own)
  for at, one in ipairs(own.options or {}) do
    local value, text = one, one
    if type(one) == "table" then
      value, text = one.value, one.text or one.value
    end
    if option.value == value or option.text == text or option.option_index == at - 1 then
      own.value = value
      fake.tell(world, own, "on_change", value)
      return { value = value, text = text, option_index = at - 1 }
    end
  end
  host.fail("element_not_found", fake.describe(own) .. " has no such option")
end

function element.scroll_into_view() end

function element.point(_, own)
  reach(own, true)
  return middle(own)
end

function element.text(_, own)
  return own.text or ""
end

function element.value(_, own)
  if not fake.is_field(own) or fake.attribute(own, "type") == "password" then
    return nil
  end
  return own.value or ""
end

function element.attribute(_, own, name)
  return fake.attribute(own, name)
end

function element.describe(_, own)
  return fake.describe(own)
end
