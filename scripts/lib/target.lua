-- What parameters point at: an element by index or selector, or a point of the viewport.

local target = {}

local properties = {
  index = { type = "integer", minimum = 0, description = "Number of the element in the latest snapshot" },
  revision = {
    type = "integer",
    minimum = 0,
    description = "Revision of the snapshot that the index was read from; a newer snapshot makes the index stale",
  },
  selector = { type = "string", minLength = 1, maxLength = 2000, description = "CSS selector of the element" },
  coordinate_x = { type = "number", minimum = 0, description = "CSS pixels from the left edge of the viewport" },
  coordinate_y = { type = "number", minimum = 0, description = "CSS pixels from the top edge of the viewport" },
}

local element_names = { "index", "revision", "selector" }
local point_names = { "coordinate_x", "coordinate_y" }

local function with(names, own)
  for _, name in ipairs(names) do
    own[name] = properties[name]
  end
  return own
end

-- Adds the parameters that name an element to an action's own.
function target.element_properties(own)
  return with(element_names, own or {})
end

-- Adds the parameters that name an element or a point to an action's own.
function target.properties(own)
  return with(point_names, target.element_properties(own))
end

-- The point that the parameters name, or nil when they name none.
function target.point(params)
  local x, y = params.coordinate_x, params.coordinate_y
  if (x == nil) ~= (y == nil) then
    host.fail("invalid_params", "a point needs both coordinate_x and coordinate_y; give the missing one")
  end
  if x == nil then
    return nil
  end
  if params.index ~= nil or params.selector ~= nil then
    host.fail("invalid_params", "give either index, selector or a point (coordinate_x and coordinate_y), not several")
  end
  return { x = x, y = y }
end

-- Whether the parameters name an element.
function target.names_element(params)
  if params.index ~= nil and params.selector ~= nil then
    host.fail("invalid_params", "give either index or selector, not both")
  end
  if params.revision ~= nil and params.index == nil then
    host.fail("invalid_params", "revision belongs to an index; give index too")
  end
  return params.index ~= nil or params.selector ~= nil
end

-- The element that the parameters name; fails when they name none.
function target.element(ctx, params)
  if not target.names_element(params) then
    host.fail("invalid_params", "which element is meant? give index (from get_screen_content) or selector")
  end
  return ctx.page:locate({ index = params.index, revision = params.revision, selector = params.selector })
end

-- The point or the element that the parameters name; fails when they name none.
function target.either(ctx, params)
  local point = target.point(params)
  if point ~= nil then
    return point, nil
  end
  if not target.names_element(params) then
    host.fail(
      "invalid_params",
      "nothing to act on: give index (from get_screen_content), selector, or coordinate_x and coordinate_y"
    )
  end
  return nil, target.element(ctx, params)
end

return target
