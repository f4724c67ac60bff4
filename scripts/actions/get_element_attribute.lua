-- Reads an attribute of an element.

local target = require("lib.target")

return {
  description = "Read an attribute of an element, href and src as whole addresses; the value of password and other "
    .. "secret fields is never given",
  params = {
    type = "object",
    properties = target.element_properties({
      attribute = { type = "string", minLength = 1, maxLength = 200, description = "The attribute's name" },
    }),
    required = { "attribute" },
  },
  idempotent = true,

  run = function(ctx, params)
    local element = target.element(ctx, params)
    local value = element:attribute(params.attribute)
    if value == nil then
      value = host.json.null
    end
    return { index = params.index, element = element:describe(), attribute = params.attribute, value = value }
  end,
}
