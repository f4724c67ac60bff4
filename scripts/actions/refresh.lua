-- Loads the page again.

local answer = require("lib.answer")

return {
  description = "Load the current page again and wait until it has loaded",
  params = { type = "object" },
  timeout_ms = 40000,

  run = function(ctx)
    return answer.navigation(ctx.page:reload())
  end,
}
