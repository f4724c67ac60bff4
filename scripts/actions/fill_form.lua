-- Gives several fields of a form their values.

local answer = require("lib.answer")
local field = require("lib.field")
local target = require("lib.target")

return {
  description = "Fill in several fields at once: text, tick boxes (true or false), radio buttons (true, or the value or "
    .. "words of one of the group), lists (value or text of an option, or several). Goes on after a field that fails",
  params = {
    type = "object",
    properties = {
      fields = {
        type = "array",
        minItems = 1,
        maxItems = 200,
        description = "The fields and what each shall hold",
        items = {
          type = "object",
          properties = target.element_properties({
            value = {
              type = { "string", "number", "boolean", "array" },
              maxLength = 100000,
              items = { type = { "string", "number" } },
              description = "What the field shall hold",
            },
          }),
          required = { "value" },
          additionalProperties = false,
        },
      },
    },
    required = { "fields" },
  },
  timeout_ms = 120000,

  run = function(ctx, params)
    local results, failed = {}, 0
    for at, wanted in ipairs(params.fields) do
      local result = { index = wanted.index, selector = wanted.selector }
      local ok, err = pcall(function()
        local element = target.element(ctx, wanted)
        result.element = element:describe()
        for name, value in pairs(field.set(element, wanted.value)) do
          result[name] = value
        end
      end)
      result.success = ok
      if not ok then
        failed = failed + 1
        result.error_type, result.error = answer.failure(err)
      end
      results[at] = result
    end
    local data = { fields = host.json.array(results), filled = #results - failed, failed = failed }
    if failed > 0 then
      host.fail(
        "action_failed",
        failed .. " of " .. #results .. " fields could not be filled; details.fields says which and why",
        data
      )
    end
    return data
  end,
}
