-- Puts a video or another element on the whole screen; unlike toggle_fullscreen, twice is as good as once.

local media = require("lib.media")

return {
  description = "Show a video or another element on the whole screen; by default the page's main video, and on a page "
    .. "without one the page itself",
  params = {
    type = "object",
    properties = media.properties({
      enabled = { type = "boolean", default = true, description = "false takes it back" },
    }),
  },
  idempotent = true,

  run = function(ctx, params)
    return media.answer(params, ctx.media:fullscreen(params.enabled, media.target(params)))
  end,
}
