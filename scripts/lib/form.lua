-- Which form is meant.

local target = require("lib.target")

local form = {}

-- The element whose form is meant: the named one, else what has the focus in a form, else the first form of the page.
-- Gives what `act` gives for it.
function form.with(ctx, params, act)
  if target.names_element(params) then
    return act(target.element(ctx, params))
  end
  local found, focused = pcall(function()
    return ctx.page:locate({ selector = "form :focus" })
  end)
  if found then
    return act(focused)
  end
  return act(ctx.page:locate({ selector = "form" }))
end

return form
