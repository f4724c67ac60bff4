-- Sets the volume of a video or a sound.

local media = require("lib.media")

return {
  description = "Set the volume of a video or a sound, by default the page's main one; answers its state",
  params = {
    type = "object",
    properties = media.properties({
      volume = {
        type = "number",
        minimum = 0,
        maximum = 100,
        description = "0.0 to 1.0; a number above 1 is read as percent, 0 to 100",
      },
    }),
    required = { "volume" },
  },
  idempotent = true,

  run = function(ctx, params)
    local volume = params.volume
    if volume > 1 then
      volume = volume / 100
    end
    return media.answer(params, ctx.media:volume(volume, media.target(params)))
  end,
}
