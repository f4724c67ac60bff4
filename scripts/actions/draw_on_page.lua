-- Draws a line over the page for people who watch.

local ink = require("lib.ink")

local coordinate = { type = "number", minimum = -10000, maximum = 10000, description = "CSS pixels" }

return {
  description = "Draw a line through points of the viewport for a while; viewers see it, the page does not",
  params = {
    type = "object",
    properties = ink.properties({
      path = {
        type = "array",
        minItems = 2,
        maxItems = 10000,
        items = {
          type = "object",
          properties = { x = coordinate, y = coordinate },
          required = { "x", "y" },
          additionalProperties = false,
        },
        description = "The points, in order",
      },
      width = { type = "number", minimum = 0.5, maximum = 100, default = 2, description = "Of the line, CSS pixels" },
    }, "red", 5.0),
    required = { "path" },
  },
  idempotent = true,

  run = function(ctx, params)
    local data = ctx.screen:mark_path(params.path, params.width, ink.of(params))
    data.points = #params.path
    return data
  end,
}
