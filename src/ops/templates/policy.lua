-- {name}: decides whether a failed command is tried again, and how long to wait first.
--
-- A policy named retry replaces the shipped one for all actions; another one is used by the actions that name it:
-- `retry = "{name}"`. A policy sees no page: it gets plain values, decides, and has a few milliseconds for it.
--
-- attempt: how often the command has been tried, 1 after the first failure.
-- err: code, error_type (the same), message, retryable, retry_after_ms.
-- ctx: action, idempotent, attempts (the most the caller allows), max_backoff_ms, perhaps backoff.

local BASE_MS = 500
local CEILING_MS = 10000

return {
  description = "Tries again what may pass by itself, waiting longer each time",

  decide = function(attempt, err, ctx)
    if not err.retryable or attempt >= ctx.attempts then
      return { retry = false }
    end
    -- The other side has said how long to wait.
    if err.retry_after_ms then
      return { retry = true, after_ms = err.retry_after_ms }
    end
    return { retry = true, after_ms = host.backoff.exponential(attempt, BASE_MS, CEILING_MS) }
  end,
}
