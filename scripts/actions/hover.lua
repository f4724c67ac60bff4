-- Moves the mouse over an element or a point.

local target = require("lib.target")

return {
  description = "Move the mouse over an element by its index or selector, or over a point of the viewport",
  params = {
    type = "object",
    properties = target.properties(),
  },
  idempotent = true,

  run = function(ctx, params)
    local point, element = target.either(ctx, params)
    if point then
      ctx.mouse:move(point.x, point.y)
      return { x = point.x, y = point.y }
    end
    local described = element:describe()
    local at = element:hover()
    return { index = params.index, element = described, x = at.x, y = at.y }
  end,
}
