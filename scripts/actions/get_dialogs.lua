-- Tells which dialogs pages opened and how they were answered.

return {
  description = "Tell the latest dialogs of the session's pages: kind, message, and how each was answered",
  params = {
    type = "object",
    properties = {
      limit = { type = "integer", minimum = 1, maximum = 50, default = 10, description = "The latest of them at most" },
    },
  },
  idempotent = true,

  run = function(ctx, params)
    local all = ctx.dialogs:list()
    local latest = {}
    for at = math.max(#all - params.limit + 1, 1), #all do
      latest[#latest + 1] = all[at]
    end
    return { dialogs = host.json.array(latest), total = #all, next = ctx.dialogs:next() }
  end,
}
