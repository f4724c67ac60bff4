-- Chooses a radio button.

local target = require("lib.target")

return {
  description = "Choose a radio button; one that is chosen already is left alone",
  params = {
    type = "object",
    properties = target.element_properties(),
  },
  idempotent = true,

  run = function(ctx, params)
    local element = target.element(ctx, params)
    local kind = element:kind()
    if kind ~= "radio" then
      host.fail("not_interactable", element:describe() .. " is no radio button but " .. kind .. "; use the action for that")
    end
    local was = element:is_checked()
    element:set_checked(true)
    return { index = params.index, element = element:describe(), checked = true, changed = not was }
  end,
}
