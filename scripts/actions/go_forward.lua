-- Goes forward again after going back.

local answer = require("lib.answer")

return {
  description = "Go forward one page in the tab's history",
  params = { type = "object" },
  timeout_ms = 40000,

  run = function(ctx)
    return answer.navigation(ctx.page:forward())
  end,
}
