-- Goes back to the page before this one.

local answer = require("lib.answer")

return {
  description = "Go back one page in the tab's history",
  params = { type = "object" },
  timeout_ms = 40000,

  run = function(ctx)
    return answer.navigation(ctx.page:back())
  end,
}
