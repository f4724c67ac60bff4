-- Opens the tab that was closed last once more.

local answer = require("lib.answer")

return {
  description = "Open the tab that was closed last once more, at its last address, and show it",
  params = { type = "object" },
  timeout_ms = 40000,

  run = function(ctx)
    local tab = ctx.tabs:reopen()
    return answer.with_page(ctx, { index = tab.index, tabs = #ctx.tabs:list() })
  end,
}
