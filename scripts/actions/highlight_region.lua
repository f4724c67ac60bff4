-- Puts a frame around a part of the viewport for people who watch.

local ink = require("lib.ink")

return {
  description = "Put a coloured frame around a region of the viewport for a while; viewers see it, the page does not",
  params = {
    type = "object",
    properties = ink.properties({
      x = { type = "number", minimum = 0, description = "CSS pixels from the left edge of the viewport" },
      y = { type = "number", minimum = 0, description = "CSS pixels from the top edge of the viewport" },
      width = { type = "number", minimum = 1, maximum = 100000, description = "CSS pixels" },
      height = { type = "number", minimum = 1, maximum = 100000, description = "CSS pixels" },
    }, "yellow", 2.0),
    required = { "x", "y", "width", "height" },
  },
  idempotent = true,

  run = function(ctx, params)
    local box = { x = params.x, y = params.y, width = params.width, height = params.height }
    return ctx.screen:mark_box(box, ink.of(params))
  end,
}
