-- Scrolls slowly, so that people who watch can follow.

local target = require("lib.target")

local WAYS = { up = { 0, -1 }, down = { 0, 1 }, left = { -1, 0 }, right = { 1, 0 } }

return {
  description = "Scroll as a slow movement; without index or selector the page, or what scrolls in the middle of it. "
    .. "Answers the new position and whether anything moved",
  params = {
    type = "object",
    properties = target.element_properties({
      direction = { enum = { "up", "down", "left", "right" }, description = "Where to" },
      amount = { type = "number", minimum = 0, maximum = 1000000, default = 500, description = "CSS pixels" },
      duration = { type = "number", minimum = 0, maximum = 30, default = 1.0, description = "Seconds that it takes" },
    }),
    required = { "direction" },
  },
  timeout_ms = 60000,

  run = function(ctx, params)
    local way = WAYS[params.direction]
    local element = nil
    if target.names_element(params) then
      element = target.element(ctx, params)
      element:scroll_into_view()
    end
    local done = ctx.screen:glide(way[1] * params.amount, way[2] * params.amount, params.duration * 1000, element)
    done.direction = params.direction
    return done
  end,
}
