-- Tells what the page requested.

return {
  description = "Tell what the tab requested: address, method, status, type, duration and size, the oldest first. "
    .. "Recorded from the first call on; what the page requested before is told without its method",
  params = {
    type = "object",
    properties = {
      url = { type = "string", minLength = 1, maxLength = 1000, description = "Only addresses that have this text" },
      since = { type = "number", minimum = 0, description = "Only since this time, in seconds since 1970" },
      limit = { type = "integer", minimum = 1, maximum = 500, default = 100, description = "The latest of them at most" },
      clear = { type = "boolean", default = false, description = "Forget all of them afterwards" },
    },
  },

  run = function(ctx, params)
    local record = ctx.records:requests({
      url = params.url,
      since = params.since,
      limit = params.limit,
      clear = params.clear,
    })
    return { entries = host.json.array(record.entries), total = record.total }
  end,
}
