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
    },
    required = { "code" },
  },

  run = function(ctx, params)
    return { result = ctx.page:evaluate(params.code, params.world) }
  end,
}
