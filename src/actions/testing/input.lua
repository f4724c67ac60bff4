-- What the mouse and the keyboard of a fake world do by themselves.

local kit = ...
local fake = kit.fake
local mouse, keyboard = {}, {}
fake.behaviours.mouse, fake.behaviours.keyboard = mouse, keyboard

-- Lets the test's own function see what has happened to the element.
local function tell(world, own, event, ...)
  if own[event] ~= nil then
    own[event](fake.page(world), ...)
  end
end
fake.tell = tell

function fake.click(world, own, button)
  local page = fake.page(world)
  local kind = fake.attribute(own, "type")
  if fake.is_field(own) then
    page.focused = own
  end
  if kind == "checkbox" then
    own.checked = not own.checked
  elseif kind == "radio" then
    for _, other in ipairs(page.elements) do
      if fake.attribute(other, "type") == "radio" and other.name == own.name then
        other.checked = other == own
      end
    end
  end
  tell(world, own, "on_click", button or "left")
  local href = fake.attribute(own, "href")
  if own.on_click == nil and href ~= nil and own.tag == "a" then
    fake.go(world, href)
  end
end

local function inside(x, y)
  if x < 0 or y < 0 or x >= 1280 or y >= 720 then
    host.fail("invalid_params", "the point " .. x .. ", " .. y .. " is outside the viewport of 1280 x 720")
  end
end

function mouse.click(world, _, x, y, button, count)
  inside(x, y)
  local element = fake.at_point(fake.page(world), x, y)
  for _ = 1, element and (count or 1) or 0 do
    fake.click(world, element, button)
  end
end

function mouse.move(_, _, x, y)
  inside(x, y)
end

-- A page is `scroll_width` by `scroll_height` large, no larger than the viewport when the test does not say.
function mouse.scroll(world, _, dx, dy)
  local page = fake.page(world)
  local function moved(at, by, size, view)
    return math.max(0, math.min(at + by, math.max(0, (size or 0) - view)))
  end
  local x = moved(page.scroll_x, dx, page.scroll_width, 1280)
  local y = moved(page.scroll_y, dy, page.scroll_height, 720)
  local has_moved = x ~= page.scroll_x or y ~= page.scroll_y
  page.scroll_x, page.scroll_y = x, y
  return { scroll_x = x, scroll_y = y, moved = has_moved }
end

function keyboard.type(world, _, text)
  local field = fake.page(world).focused
  if field == nil or not fake.takes_text(field) or field.read_only then
    return
  end
  field.value = (field.value or "") .. text
  fake.tell(world, field, "on_input", field.value)
end

function keyboard.press(world, _, keys)
  local page = fake.page(world)
  if page.focused then
    fake.tell(world, page.focused, "on_press", keys)
  end
  if page.on_press then
    page.on_press(page, keys)
  end
end
