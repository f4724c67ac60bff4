-- Pauses a video or a sound.

local media = require("lib.media")

return {
  description = "Pause a video or a sound, by default the page's main one; answers its state",
  params = { type = "object", properties = media.properties() },
  idempotent = true,

  run = function(ctx, params)
    return media.answer(params, ctx.media:pause(media.target(params)))
  end,
}
