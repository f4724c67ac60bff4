-- Draws the page as large as it is meant to be.

return {
  description = "Draw the page at 100 percent again",
  params = { type = "object" },
  idempotent = true,

  run = function(ctx)
    return { zoom = ctx.zoom:set(100) }
  end,
}
