-- Double-clicks an element or a point of the page.

local answer = require("lib.answer")
local target = require("lib.target")

return {
  description = "Double-click an element by its index or selector, or a point of the viewport",
  params = {
    type = "object",
    properties = target.properties(),
  },

  run = function(ctx, params)
    local point, element = target.either(ctx, params)
    local data = { index = params.index }
    if point then
      ctx.mouse:click(point.x, point.y, "left", 2)
    else
      data.element = element:describe()
      point = element:click("left", 2)
    end
    data.x, data.y = point.x, point.y
    ctx.page:wait_for_load()
    return answer.with_page(ctx, data)
  end,
}
