-- Types text into a field with real key events.

local target = require("lib.target")

-- What the field holds, or nil when it cannot say (it is gone, or no field).
local function content(element)
  local ok, value = pcall(function()
    return element:value()
  end)
  return ok and value or nil
end

return {
  description = "Type text into a field by real key events, at the end of what it holds; without index or selector "
    .. "into the first input field of the page. A line break presses Enter",
  params = {
    type = "object",
    properties = target.element_properties({
      text = { type = "string", maxLength = 100000, description = "The text to type" },
      clear = { type = "boolean", default = false, description = "Empty the field first" },
    }),
    required = { "text" },
  },
  timeout_ms = 60000,

  run = function(ctx, params)
    local element
    if target.names_element(params) then
      element = target.element(ctx, params)
    else
      element = ctx.page:locate({ first_input = true })
    end
    local described = element:describe()
    element:focus_at_end()
    if params.clear then
      element:clear()
    end
    local before = content(element)
    ctx.keyboard:type(params.text)
    -- Enter may send the form away or empty the field; without one, the text must have arrived.
    local after = content(element)
    if params.text ~= "" and not string.find(params.text, "\n", 1, true) and after ~= nil and after == before then
      host.fail("action_failed", "the field " .. described .. " did not take the text; it may be read-only or filtered")
    end
    return { index = params.index, element = described, characters = utf8.len(params.text) or #params.text }
  end,
}
