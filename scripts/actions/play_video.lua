-- Plays a video or a sound.

local media = require("lib.media")

return {
  description = "Play a video or a sound, by default the page's main one; answers its state once it runs",
  params = { type = "object", properties = media.properties() },
  idempotent = true,

  run = function(ctx, params)
    return media.answer(params, ctx.media:play(media.target(params)))
  end,
}
