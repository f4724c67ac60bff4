-- {name}: runs when something has happened in a session, between two commands.
--
-- One function for each type of event (docs/events.md lists them). `ctx` is the session's page, `event` has the fields
-- that subscribers see. What happens while a handler runs is not told to the same handler.

return {
  description = "Note where the page goes",

  on = {
    page_navigation = function(ctx, event)
      ctx.log.info("the page has gone on", { url = event.url })
    end,
  },
}
