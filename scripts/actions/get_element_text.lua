-- Reads the text of an element as a person sees it.

local target = require("lib.target")

return {
  description = "Read the visible text of an element",
  params = {
    type = "object",
    properties = target.element_properties(),
  },
  idempotent = true,

  run = function(ctx, params)
    local element = target.element(ctx, params)
    return { index = params.index, element = element:describe(), text = element:text() }
  end,
}
