-- Waits until something is on the page, or is no longer.

local NAMES = { "url", "load_state", "selector", "text" }

return {
  description = "Wait until a text or an element is there or gone, until the address fits, or until nothing loads; "
    .. "of several conditions each must have come. Fails with timeout and says what is there instead",
  params = {
    type = "object",
    properties = {
      text = { type = "string", minLength = 1, maxLength = 2000, description = "Words that people see, in any frame" },
      selector = { type = "string", minLength = 1, maxLength = 2000, description = "CSS selector, in any frame" },
      state = {
        enum = { "visible", "hidden", "attached" },
        default = "visible",
        description = "How the text or the element shall be; hidden: not seen or not there, attached: there, seen or not",
      },
      url = {
        type = "string",
        minLength = 1,
        maxLength = 2000,
        description = "A part of the address; with *, which stands for anything, the whole of it",
      },
      load_state = {
        enum = { "load", "network_idle" },
        description = "load: the page has loaded; network_idle: and no request is under way for half a second. "
          .. "Requests are watched from a tab's first wait for it on; of earlier ones only those of the page's loading count",
      },
      timeout = { type = "number", minimum = 0, maximum = 60, default = 10, description = "Seconds" },
    },
  },
  timeout_ms = 70000,
  idempotent = true,

  run = function(ctx, params)
    local started = ctx.now()
    local data = {}
    local any = false
    for _, name in ipairs(NAMES) do
      if params[name] ~= nil then
        any = true
        local condition = { [name] = params[name] }
        if name == "text" or name == "selector" then
          condition.state = params.state
        end
        local left = math.max(0, params.timeout * 1000 - (ctx.now() - started))
        local what = ctx.page:wait_for(condition, left)
        if name == "selector" then
          data.element = what
        end
      end
    end
    if not any then
      host.fail("invalid_params", "what shall be waited for? give text, selector, url or load_state")
    end
    data.waited_ms = ctx.now() - started
    data.url = ctx.page:url()
    data.title = ctx.page:title()
    return data
  end,
}
