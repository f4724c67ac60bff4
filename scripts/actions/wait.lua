-- Waits a number of seconds.

return {
  description = "Wait a number of seconds, 60 at most",
  params = {
    type = "object",
    properties = {
      seconds = { type = "number", minimum = 0, maximum = 60, description = "How long; fractions are fine" },
    },
    required = { "seconds" },
  },
  timeout_ms = 65000,
  idempotent = true,

  run = function(ctx, params)
    local started = ctx.now()
    ctx.sleep(params.seconds * 1000)
    return { waited_ms = ctx.now() - started }
  end,
}
