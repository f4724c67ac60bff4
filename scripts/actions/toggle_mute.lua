-- Switches the sound of a video or a sound off or on.

local media = require("lib.media")

return {
  description = "Switch the sound of a video, by default the page's main one, off or on again; answers its state",
  params = { type = "object", properties = media.properties() },

  run = function(ctx, params)
    return media.answer(params, ctx.media:mute(nil, media.target(params)))
  end,
}
