-- Decides whether a session whose browser has died is brought back by itself, and how long to wait first.
--
-- deaths: how often that has happened within ctx.window_ms, this time included.
-- reason: what the browser said.
-- ctx: url (the last address), window_ms. Whoever starts the session before that time brings it back at once.

local FIRST_MS = 1000
local MOST = 3

return {
  description = "Brings a dead session back up to three times in a while, waiting longer each time",

  decide = function(deaths, reason, ctx)
    if deaths > MOST then
      return { recover = false }
    end
    return { recover = true, after_ms = host.backoff.exponential(deaths, FIRST_MS, 60000) }
  end,
}
