-- Inserts the room's clipboard into a field.

local target = require("lib.target")

-- What the focused field holds, or nil when there is none or it cannot say.
local function content(ctx)
  local ok, value = pcall(function()
    return ctx.page:locate({ focused = true }):value()
  end)
  return ok and value or nil
end

return {
  description = "Paste what the room has copied or cut: into an element by its index or selector, at the end of what it "
    .. "holds; without one, where the caret is, in place of what is selected",
  params = {
    type = "object",
    properties = target.element_properties(),
  },

  run = function(ctx, params)
    local data = { index = params.index }
    if target.names_element(params) then
      local element = target.element(ctx, params)
      data.element = element:describe()
      element:focus_at_end()
    end
    local before, selected = content(ctx), ctx.clipboard:selected()
    local done = ctx.clipboard:paste()
    if done.state == "empty" then
      host.fail("action_failed", "the clipboard of the room is empty; use copy or cut first")
    end
    if done.state == "refused" then
      host.fail("not_interactable", "nothing that takes text has the focus; give the index of a field")
    end
    -- The text that replaces a selection may be the same text.
    if done.state == "inserted" and selected == 0 and before ~= nil and content(ctx) == before then
      host.fail("action_failed", "the field did not take the text; it may be filtered or full")
    end
    data.characters = done.characters
    data.by_page = done.state == "taken"
    return data
  end,
}
