-- Puts a video or another element on the whole screen, or takes it back.

local media = require("lib.media")

return {
  description = "Show a video or another element on the whole screen, or take it back; by default the page's main "
    .. "video, and on a page without one the page itself",
  params = { type = "object", properties = media.properties() },

  run = function(ctx, params)
    return media.answer(params, ctx.media:fullscreen(nil, media.target(params)))
  end,
}
