-- How a fake page shows its elements, and finds the one that is meant.

local kit = ...
local fake = kit.fake
local page = fake.behaviours.page

local function shown_element(element)
  local shown = { tag = element.tag or "button", index = element.index, frame = 0, in_viewport = true }
  for _, name in ipairs({ "type", "placeholder", "name", "id", "href", "role" }) do
    shown[name] = fake.attribute(element, name)
  end
  for _, name in ipairs({ "text", "checked", "selected", "expanded", "disabled" }) do
    shown[name] = element[name]
  end
  if fake.is_field(element) and shown.type ~= "password" then
    shown.value = element.value
  end
  if element.options then
    shown.options = {}
    for _, option in ipairs(element.options) do
      table.insert(shown.options, type(option) == "table" and (option.text or option.value) or option)
    end
  end
  shown.rect = fake.rect(element)
  return shown
end

function page.snapshot(world)
  local opened = fake.page(world)
  opened.revision = opened.revision + 1
  local elements = host.json.array()
  for _, element in ipairs(opened.elements) do
    if element.visible ~= false then
      table.insert(elements, shown_element(element))
    end
  end
  return {
    revision = opened.revision,
    url = opened.url,
    title = opened.title,
    elements = elements,
    total_elements = #elements,
    truncated = false,
  }
end

local function by_index(opened, target)
  if target.revision ~= nil and target.revision ~= opened.revision then
    host.fail(
      "stale_index",
      "index " .. target.index .. " is of snapshot " .. target.revision .. ", the latest is " .. opened.revision,
      { revision = opened.revision }
    )
  end
  return opened.elements[target.index + 1], "the page has no element " .. target.index
end

local function find(opened, target)
  if target.index ~= nil then
    return by_index(opened, target)
  elseif target.selector ~= nil then
    return fake.select(opened, target.selector), "no element matches " .. target.selector
  elseif target.focused then
    return opened.focused, "nothing has the focus"
  elseif target.first_input then
    for _, element in ipairs(opened.elements) do
      if fake.takes_text(element) and element.visible ~= false then
        return element, nil
      end
    end
    return nil, "the page has no field that takes text"
  elseif target.x ~= nil and target.y ~= nil then
    return fake.at_point(opened, target.x, target.y), "nothing is at " .. target.x .. ", " .. target.y
  end
  host.fail("invalid_params", "a target has an index, a selector, a point, focused or first_input")
end

function page.locate(world, _, target)
  local element, missing = find(fake.page(world), target)
  if element == nil then
    host.fail("element_not_found", missing .. "; take a new snapshot")
  end
  return fake.object(world, "element", element)
end
