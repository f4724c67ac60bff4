-- {name}: say in one line what this action is for.
--
-- The host calls `run` for each command of this name. `ctx` is the page and what else may be used
-- (`perilune script types` lists it), `params` are the parameters, already checked and with their defaults.
-- What `run` returns is the command's data. host.fail(code, sentence) ends it with a failure; docs/errors.md has the codes.

return {
  -- Callers, agents among them, read this to decide whether the action is what they need.
  description = "Answer where the page is, with a greeting",

  -- JSON Schema. Only what is named here is accepted; everything else is refused before `run` is called.
  params = {
    type = "object",
    properties = {
      greeting = { type = "string", maxLength = 200, default = "hello", description = "What to say" },
    },
  },

  -- Longer than this, and the script is stopped with handler_timeout.
  timeout_ms = 10000,
  -- true only if doing it twice is the same as doing it once; then a command may be run again after a crash.
  idempotent = true,

  run = function(ctx, params)
    return { greeting = params.greeting, url = ctx.page:url(), title = ctx.page:title() }
  end,
}
