-- {name}: runs again and again in every live session, between two commands.

return {
  description = "Note where the page is, every minute",

  -- At least 100. The time counts from the end of one run to the beginning of the next.
  every_ms = 60000,

  run = function(ctx)
    ctx.log.info("still here", { url = ctx.page:url() })
  end,
}
