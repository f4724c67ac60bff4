-- Empties a field.

local field = require("lib.field")
local target = require("lib.target")

return {
  description = "Empty a field by its index or selector; without one, the field that has the focus",
  params = {
    type = "object",
    properties = target.element_properties(),
  },
  idempotent = true,

  run = function(ctx, params)
    local element
    if target.names_element(params) then
      element = target.element(ctx, params)
    else
      element = ctx.page:locate({ focused = true })
    end
    field.fill(element, "")
    return { index = params.index, element = element:describe() }
  end,
}
