-- Scrolls until an element is in the viewport.

local target = require("lib.target")

return {
  description = "Scroll until an element is in the viewport, also inside scrolling parts of the page; answers where it is then",
  params = {
    type = "object",
    properties = target.element_properties(),
  },
  idempotent = true,

  run = function(ctx, params)
    local element = target.element(ctx, params)
    element:scroll_into_view()
    local at = element:point()
    return { index = params.index, element = element:describe(), x = at.x, y = at.y }
  end,
}
