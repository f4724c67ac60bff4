-- Gives the fields of a form what they held at first.

local form = require("lib.form")
local target = require("lib.target")

return {
  description = "Give all fields of a form what they held at first. Index or selector name the form or a field of it; "
    .. "without, the form of the focused field, else the first of the page",
  params = {
    type = "object",
    properties = target.element_properties(),
  },
  idempotent = true,

  run = function(ctx, params)
    local tag = form.with(ctx, params, function(element)
      return element:reset()
    end)
    return { index = params.index, form = tag }
  end,
}
