-- Makes it easy to follow for people who watch what is done.

return {
  description = "Turn presentation mode on or off: viewers see a large pointer and a mark on what is acted upon; "
    .. "it stays through navigations, and the page does not notice",
  params = {
    type = "object",
    properties = {
      enabled = { type = "boolean", default = true, description = "false turns it off" },
    },
  },
  idempotent = true,

  run = function(ctx, params)
    ctx.screen:present(params.enabled)
    return { enabled = ctx.screen:presents() }
  end,
}
