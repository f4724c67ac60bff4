-- Presses keys, for instance Enter or Control+A.

local answer = require("lib.answer")
local target = require("lib.target")

local KEY = "Enter, Escape, Tab, ArrowDown, Home, End, PageUp, PageDown, Backspace, Delete, F5, a, or a combination "
  .. "such as Control+A"

return {
  description = "Press a key, a combination, or several one after the other, in the focused or the given element",
  params = {
    type = "object",
    properties = target.element_properties({
      keys = {
        type = { "string", "array" },
        minLength = 1,
        maxLength = 100,
        minItems = 1,
        maxItems = 100,
        items = { type = "string", minLength = 1, maxLength = 100 },
        description = "One of " .. KEY .. "; a list presses them in order",
      },
    }),
    required = { "keys" },
  },

  run = function(ctx, params)
    local data = { index = params.index, keys = params.keys }
    if target.names_element(params) then
      local element = target.element(ctx, params)
      data.element = element:describe()
      element:focus()
    end
    local keys = params.keys
    if type(keys) == "string" then
      keys = { keys }
    end
    for _, key in ipairs(keys) do
      ctx.keyboard:press(key)
    end
    -- Enter may have sent a form: the answer should be about the page that came of it.
    ctx.page:wait_for_load()
    return answer.with_page(ctx, data)
  end,
}
