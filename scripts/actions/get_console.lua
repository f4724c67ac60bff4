-- Tells what the page's console said.

return {
  description = "Tell what the console of the tab said, uncaught exceptions and the browser's remarks included, "
    .. "the oldest first",
  params = {
    type = "object",
    properties = {
      level = {
        enum = { "debug", "log", "info", "warning", "error" },
        description = "Only messages of this severity and above",
      },
      since = { type = "number", minimum = 0, description = "Only since this time, in seconds since 1970" },
      limit = { type = "integer", minimum = 1, maximum = 500, default = 100, description = "The latest of them at most" },
      clear = { type = "boolean", default = false, description = "Forget all of them afterwards" },
    },
  },

  run = function(ctx, params)
    local record = ctx.records:console({
      level = params.level,
      since = params.since,
      limit = params.limit,
      clear = params.clear,
    })
    return { entries = host.json.array(record.entries), total = record.total }
  end,
}
