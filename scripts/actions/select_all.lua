-- Selects all text of an element, or everything where the focus is.

local target = require("lib.target")

return {
  description = "Select all text of an element by its index or selector; without one, everything where the focus is "
    .. "(the focused field, else the page)",
  params = {
    type = "object",
    properties = target.element_properties(),
  },
  idempotent = true,

  run = function(ctx, params)
    local data = { index = params.index }
    if target.names_element(params) then
      local element = target.element(ctx, params)
      data.element = element:describe()
      data.characters = element:select_all()
    else
      ctx.keyboard:press("Control+A")
      data.characters = ctx.clipboard:selected()
    end
    return data
  end,
}
