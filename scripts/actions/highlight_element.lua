-- Puts a frame around an element for people who watch.

local ink = require("lib.ink")
local target = require("lib.target")

return {
  description = "Scroll to an element and put a coloured frame around it for a while; viewers see it, the page does not",
  params = {
    type = "object",
    properties = target.element_properties(ink.properties({}, "yellow", 2.0)),
  },
  idempotent = true,

  run = function(ctx, params)
    local element = target.element(ctx, params)
    local data = ctx.screen:mark_element(element, ink.of(params))
    data.index = params.index
    data.element = element:describe()
    return data
  end,
}
