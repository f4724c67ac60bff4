-- Chooses several options of a list.

local target = require("lib.target")

return {
  description = "Choose exactly these options of a list that takes several, by their values or texts",
  params = {
    type = "object",
    properties = target.element_properties({
      values = {
        type = "array",
        maxItems = 1000,
        items = { type = "string" },
        description = "Values or texts of the options; an empty list chooses none",
      },
    }),
    required = { "values" },
  },
  idempotent = true,

  run = function(ctx, params)
    local element = target.element(ctx, params)
    local options = {}
    for at, value in ipairs(params.values) do
      options[at] = { any = value }
    end
    local chosen = element:select_many(options)
    return { index = params.index, element = element:describe(), chosen = host.json.array(chosen) }
  end,
}
