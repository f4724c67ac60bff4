-- Draws the page smaller.

return {
  description = "Draw the page smaller, a browser's step at a time, to 25 percent; it stays so over navigations of the tab",
  params = { type = "object" },

  run = function(ctx)
    return { zoom = ctx.zoom:smaller() }
  end,
}
