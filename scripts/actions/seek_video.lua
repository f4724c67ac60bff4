-- Goes to a time of a video or a sound.

local media = require("lib.media")

return {
  description = "Go to a time of a video or a sound, by default the page's main one; answers its state",
  params = {
    type = "object",
    properties = media.properties({
      time = { type = "number", minimum = 0, description = "Seconds from its beginning" },
      timestamp = { type = "number", minimum = 0, description = "The same by another name" },
    }),
  },
  idempotent = true,

  run = function(ctx, params)
    if (params.time == nil) == (params.timestamp == nil) then
      host.fail("invalid_params", "where to? give time, the seconds from the beginning")
    end
    local time = params.time or params.timestamp
    return media.answer(params, ctx.media:seek(time, media.target(params)))
  end,
}
