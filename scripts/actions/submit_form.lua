-- Sends a form as its submit button does.

local answer = require("lib.answer")
local form = require("lib.form")
local target = require("lib.target")

return {
  description = "Send a form, with validation, as its submit button does, and wait for the page that comes of it. Index "
    .. "or selector name the form, its submit button or a field of it; without, the form of the focused field, else the "
    .. "first of the page",
  params = {
    type = "object",
    properties = target.element_properties(),
  },

  run = function(ctx, params)
    local done = form.with(ctx, params, function(element)
      return element:submit()
    end)
    if not done.sent then
      local invalid = done.invalid or {}
      local names = {}
      for at, fault in ipairs(invalid) do
        names[at] = (fault.label or fault.name or fault.element) .. ": " .. fault.message
      end
      local sentence = "the form was not sent, for its fields are not valid"
      if #names > 0 then
        sentence = sentence .. " (" .. table.concat(names, "; ") .. ")"
      end
      host.fail("action_failed", sentence .. "; correct them and send it again", { invalid = host.json.array(invalid) })
    end
    ctx.page:wait_for_load()
    return answer.with_page(ctx, {
      index = params.index,
      form = done.form,
      button = done.button,
      by_page = done.by_page,
    })
  end,
}
