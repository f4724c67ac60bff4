-- Types text into a field with a pause after each key.

local target = require("lib.target")

local LONGEST_S = 280

-- What the field holds, or nil when it cannot say (it is gone, no field, or secret).
local function content(element)
  local ok, value = pcall(function()
    return element:value()
  end)
  return ok and value or nil
end

return {
  description = "Type text into a field key by key with a pause in between, at the end of what it holds; without index "
    .. "or selector into the first input field of the page. A line break presses Enter",
  params = {
    type = "object",
    properties = target.element_properties({
      text = { type = "string", maxLength = 10000, description = "The text to type" },
      delay = { type = "number", minimum = 0, maximum = 10, default = 0.1, description = "Seconds between two keys" },
    }),
    required = { "text" },
  },
  timeout_ms = 300000,

  run = function(ctx, params)
    local characters = utf8.len(params.text) or #params.text
    if characters * params.delay > LONGEST_S then
      host.fail(
        "invalid_params",
        "this would take more than " .. LONGEST_S .. " seconds; give a shorter delay, or the text in parts"
      )
    end
    local element
    if target.names_element(params) then
      element = target.element(ctx, params)
    else
      element = ctx.page:locate({ first_input = true })
    end
    local described = element:describe()
    element:focus_at_end()
    local before = content(element)
    ctx.keyboard:type(params.text, params.delay * 1000)
    -- Enter may send the form away or empty the field; without one, the text must have arrived.
    local after = content(element)
    if params.text ~= "" and not string.find(params.text, "\n", 1, true) and after ~= nil and after == before then
      host.fail("action_failed", "the field " .. described .. " did not take the text; it may be read-only or filtered")
    end
    return { index = params.index, element = described, characters = characters }
  end,
}
