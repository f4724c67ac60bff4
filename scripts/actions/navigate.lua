-- Opens an address and waits until the page has loaded.

local answer = require("lib.answer")

return {
  description = "Open an address, in the current tab or in a new one, and wait until the page has loaded",
  params = {
    type = "object",
    properties = {
      url = {
        type = "string",
        minLength = 1,
        maxLength = 65536,
        description = "The address: http or https, or about:blank; a bare host name gets https",
      },
      new_tab = { type = "boolean", default = false, description = "Open it in a new tab and show that" },
    },
    required = { "url" },
  },
  timeout_ms = 40000,
  idempotent = true,

  run = function(ctx, params)
    if params.new_tab then
      ctx.page:check(params.url)
      ctx.tabs:open()
    end
    return answer.navigation(ctx.page:navigate(params.url))
  end,
}
