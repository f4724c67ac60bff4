-- Opens a new tab and shows it.

local answer = require("lib.answer")

return {
  description = "Open a new tab, with an address or empty, and show it",
  params = {
    type = "object",
    properties = {
      url = { type = "string", minLength = 1, maxLength = 65536, description = "The address; none: an empty page" },
    },
  },
  timeout_ms = 40000,

  run = function(ctx, params)
    if params.url then
      ctx.page:check(params.url)
    end
    local tab = ctx.tabs:open()
    local data = { url = ctx.page:url(), title = ctx.page:title() }
    if params.url then
      data = answer.navigation(ctx.page:navigate(params.url))
    end
    data.index = tab.index
    data.tabs = #ctx.tabs:list()
    return data
  end,
}
