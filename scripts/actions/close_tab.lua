-- Closes a tab.

local answer = require("lib.answer")

return {
  description = "Close a tab, by default the one that is shown; closing the last leaves an empty page",
  params = {
    type = "object",
    properties = {
      index = { type = "integer", minimum = 0, description = "Place of the tab, from 0; none: the one that is shown" },
    },
  },

  run = function(ctx, params)
    local closed = ctx.tabs:close(params.index)
    return answer.with_page(ctx, { closed = closed.index, tabs = #ctx.tabs:list() })
  end,
}
