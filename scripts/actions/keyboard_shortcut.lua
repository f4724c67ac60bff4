-- Presses a key combination, for instance Control+KeyC.

local answer = require("lib.answer")
local target = require("lib.target")

local function keys(description)
  return { type = "string", minLength = 1, maxLength = 100, description = description }
end

return {
  description = "Press a key combination, in the given element or where the focus is. Control+C, Control+X and Control+V "
    .. "use the clipboard of the room",
  params = {
    type = "object",
    properties = target.element_properties({
      keys = keys("The combination by key names or codes: Control+KeyC, Control+C, Control+Shift+ArrowLeft, F5"),
      shortcut = keys("Another name for keys"),
    }),
  },

  run = function(ctx, params)
    if (params.keys == nil) == (params.shortcut == nil) then
      host.fail("invalid_params", "which keys? give keys (or shortcut, which means the same), for instance Control+C")
    end
    local combination = params.keys or params.shortcut
    local data = { index = params.index, keys = combination }
    if target.names_element(params) then
      local element = target.element(ctx, params)
      data.element = element:describe()
      element:focus()
    end
    ctx.keyboard:press(combination)
    -- Some shortcuts open another page: the answer should be about that one.
    ctx.page:wait_for_load()
    return answer.with_page(ctx, data)
  end,
}
