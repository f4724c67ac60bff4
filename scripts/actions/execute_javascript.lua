-- Runs JavaScript in the page and answers with its value.

return {
  description = "Run JavaScript as a console does: an expression or statements; the last value is awaited and answered",
  params = {
    type = "object",
    properties = {
      code = { type = "string", minLength = 1, maxLength = 1000000, description = "The JavaScript" },
      world = {
        enum = { "main", "isolated" },
        default = "main",
        description = "main sees the page's own variables; isolated sees only its document",
      },
      timeout_ms = {
        type = "number",
        minimum = 1,
        maximum = 300000,
        default = 30000,
        description = "The script is stopped after this",
      },
      max_bytes = {
        type = "integer",
        minimum = 1,
        maximum = 2097152,
        default = 1048576,
        description = "The largest result, as JSON; a larger one is a failure",
      },
    },
    required = { "code" },
  },
  timeout_ms = 310000,

  run = function(ctx, params)
    local limits = { timeout_ms = params.timeout_ms, max_bytes = params.max_bytes }
    return { result = ctx.page:evaluate(params.code, params.world, limits) }
  end,
}
