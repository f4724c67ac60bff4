-- Drags something to another place of the page.

local answer = require("lib.answer")
local target = require("lib.target")

local properties = {
  revision = {
    type = "integer",
    minimum = 0,
    description = "Revision of the snapshot that the indexes were read from; a newer snapshot makes them stale",
  },
}
for _, side in ipairs({ "start", "end" }) do
  local which = side == "start" and "of what is dragged" or "of the place it is dragged to"
  properties[side .. "_index"] = { type = "integer", minimum = 0, description = "Number in the latest snapshot " .. which }
  properties[side .. "_selector"] =
    { type = "string", minLength = 1, maxLength = 2000, description = "CSS selector " .. which }
  for _, axis in ipairs({ "x", "y" }) do
    properties[side .. "_coordinate_" .. axis] =
      { type = "number", minimum = 0, description = "CSS pixels in the viewport, " .. axis .. " " .. which }
  end
end

-- The parameters of one side as those of any target.
local function of_side(params, side)
  return {
    index = params[side .. "_index"],
    revision = params[side .. "_index"] ~= nil and params.revision or nil,
    selector = params[side .. "_selector"],
    coordinate_x = params[side .. "_coordinate_x"],
    coordinate_y = params[side .. "_coordinate_y"],
  }
end

local function place(ctx, params, side)
  local own = of_side(params, side)
  if own.coordinate_x == nil and own.coordinate_y == nil and not target.names_element(own) then
    host.fail(
      "invalid_params",
      "give " .. side .. "_index, " .. side .. "_selector, or " .. side .. "_coordinate_x and " .. side .. "_coordinate_y"
    )
  end
  local point, element = target.either(ctx, own)
  return point or element, element and element:describe() or nil
end

return {
  description = "Press the left mouse button on an element or point, drag to another one and let go there. Works with "
    .. "pages that use HTML drag and drop and with those that follow the mouse or pointer",
  params = {
    type = "object",
    properties = properties,
  },
  timeout_ms = 60000,

  run = function(ctx, params)
    local from, from_element = place(ctx, params, "start")
    local to, to_element = place(ctx, params, "end")
    local data = ctx.mouse:drag(from, to)
    data.start_index, data.end_index = params.start_index, params.end_index
    data.start_element, data.end_element = from_element, to_element
    ctx.page:wait_for_load()
    return answer.with_page(ctx, data)
  end,
}
