-- Chooses an option of a dropdown list.

local target = require("lib.target")

return {
  description = "Choose an option of a dropdown list, native or made of ARIA roles (listbox, combobox), by its value, its text or "
    .. "its place in the list",
  params = {
    type = "object",
    properties = target.element_properties({
      value = { type = "string", description = "The option's value" },
      text = { type = "string", description = "The option's text" },
      option_index = { type = "integer", minimum = 0, description = "The option's place, from 0" },
    }),
  },

  run = function(ctx, params)
    local ways = 0
    for _, name in ipairs({ "value", "text", "option_index" }) do
      if params[name] ~= nil then
        ways = ways + 1
      end
    end
    if ways ~= 1 then
      host.fail("invalid_params", "which option? give exactly one of value, text and option_index")
    end
    local element = target.element(ctx, params)
    local data = element:select({ value = params.value, text = params.text, option_index = params.option_index })
    data.index = params.index
    data.element = element:describe()
    return data
  end,
}
