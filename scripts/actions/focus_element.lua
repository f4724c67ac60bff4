-- Gives an element the keyboard.

local target = require("lib.target")

return {
  description = "Give an element the keyboard focus, scrolled into view",
  params = {
    type = "object",
    properties = target.element_properties(),
  },
  idempotent = true,

  run = function(ctx, params)
    local element = target.element(ctx, params)
    element:scroll_into_view()
    element:focus()
    return { index = params.index, element = element:describe() }
  end,
}
