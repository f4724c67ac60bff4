-- Turns a tick box or switch on or off.

local target = require("lib.target")

return {
  description = "Turn a tick box or a switch on or off; one that is so already is left alone",
  params = {
    type = "object",
    properties = target.element_properties({
      checked = { type = "boolean", description = "Whether it shall be on" },
    }),
    required = { "checked" },
  },
  idempotent = true,

  run = function(ctx, params)
    local element = target.element(ctx, params)
    if element:kind() == "radio" and not params.checked then
      host.fail("invalid_params", "a radio button cannot be turned off; choose another one of its group")
    end
    local was = element:is_checked()
    element:set_checked(params.checked)
    return {
      index = params.index,
      element = element:describe(),
      checked = params.checked,
      changed = was ~= params.checked,
    }
  end,
}
