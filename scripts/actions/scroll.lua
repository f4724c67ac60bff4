-- Scrolls the page, or the part of it under an element, with the mouse wheel.

local target = require("lib.target")

local WAYS = { up = { 0, -1 }, down = { 0, 1 }, left = { -1, 0 }, right = { 1, 0 } }

return {
  description = "Scroll with the mouse wheel; answers the new position and whether anything moved",
  params = {
    type = "object",
    properties = target.element_properties({
      direction = { enum = { "up", "down", "left", "right" }, description = "Where to" },
      amount = { type = "number", minimum = 0, maximum = 1000000, default = 500, description = "CSS pixels" },
    }),
    required = { "direction" },
  },

  run = function(ctx, params)
    local way = WAYS[params.direction]
    local at = nil
    if target.names_element(params) then
      local element = target.element(ctx, params)
      element:scroll_into_view()
      at = element:point()
    end
    local done = ctx.mouse:scroll(way[1] * params.amount, way[2] * params.amount, at)
    done.direction = params.direction
    return done
  end,
}
