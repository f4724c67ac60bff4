-- Retries for a scraper: as the site says, else ever longer; never in a hurry, and not for what will not change.

local FIRST_MS = 2000
local LONGEST_MS = 60000

return {
  description = "Waits as the site asks, else two seconds, four, eight, up to a minute",

  decide = function(attempt, err, ctx)
    if not err.retryable or attempt >= ctx.attempts then
      return { retry = false }
    end
    if err.retry_after_ms then
      return { retry = true, after_ms = math.max(err.retry_after_ms, FIRST_MS) }
    end
    return { retry = true, after_ms = host.backoff.exponential(attempt, FIRST_MS, LONGEST_MS) }
  end,
}
