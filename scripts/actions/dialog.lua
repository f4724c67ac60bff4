-- Says how the page's next questions are answered.

return {
  description = "Say how the page's next dialog that asks something (confirm, prompt, leaving the page) is answered. "
    .. "Dialogs never stay open: one that nothing was said about is declined. get_dialogs tells what was asked",
  params = {
    type = "object",
    properties = {
      accept = { type = "boolean", description = "true for OK, false for Cancel" },
      text = { type = "string", maxLength = 10000, description = "What a prompt gets; none: the text it proposes" },
      times = { type = "integer", minimum = 1, maximum = 1000, default = 1, description = "For how many questions" },
    },
    required = { "accept" },
  },
  idempotent = true,

  run = function(ctx, params)
    ctx.dialogs:answer({ accept = params.accept, text = params.text, times = params.times })
    return { next = ctx.dialogs:next() }
  end,
}
