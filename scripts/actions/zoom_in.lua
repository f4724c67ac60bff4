-- Draws the page larger.

return {
  description = "Draw the page larger, a browser's step at a time, to 500 percent; it stays so over navigations of the tab",
  params = { type = "object" },

  run = function(ctx)
    return { zoom = ctx.zoom:larger() }
  end,
}
