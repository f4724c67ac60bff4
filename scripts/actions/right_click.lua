-- Opens the context menu of an element or of a point of the page.

local answer = require("lib.answer")
local target = require("lib.target")

return {
  description = "Click with the right mouse button on an element by its index or selector, or on a point of the viewport",
  params = {
    type = "object",
    properties = target.properties(),
  },

  run = function(ctx, params)
    local point, element = target.either(ctx, params)
    local data = { index = params.index }
    if point then
      ctx.mouse:click(point.x, point.y, "right")
    else
      data.element = element:describe()
      point = element:click("right")
    end
    data.x, data.y = point.x, point.y
    return answer.with_page(ctx, data)
  end,
}
