-- Clicks an element or a point of the page.

local answer = require("lib.answer")
local target = require("lib.target")

return {
  description = "Click an element by its index or selector, or a point of the viewport",
  params = {
    type = "object",
    properties = target.properties({
      button = { enum = { "left", "right", "middle" }, default = "left", description = "The mouse button" },
    }),
  },

  run = function(ctx, params)
    local point, element = target.either(ctx, params)
    local data = { index = params.index, button = params.button }
    if point then
      ctx.mouse:click(point.x, point.y, params.button)
      data.x, data.y = point.x, point.y
    else
      data.element = element:describe()
      local at = element:click(params.button)
      data.x, data.y = at.x, at.y
    end
    -- A click often opens the next page: the answer should be about that one.
    ctx.page:wait_for_load()
    return answer.with_page(ctx, data)
  end,
}
