-- Decides whether a failed command is tried again, and how long to wait first.
--
-- attempt: how often the command has been tried, 1 after the first failure.
-- err: code, error_type (the same), message, retryable, retry_after_ms.
-- ctx: action, idempotent, attempts (the most the caller allows), max_backoff_ms and, when the caller gave one,
-- backoff = { exponential, delay_ms, jitter }. The host holds the answer to attempts and max_backoff_ms.

local BASE_MS = 250
local CEILING_MS = 8000

local function callers_wait(attempt, backoff)
  local wait = backoff.delay_ms
  if backoff.exponential then
    wait = wait * 2 ^ (attempt - 1)
  end
  return wait * (1 - backoff.jitter * math.random())
end

return {
  description = "Retries what may pass by itself: as told by the other side, by the caller, or with full jitter",

  decide = function(attempt, err, ctx)
    if not err.retryable or attempt >= ctx.attempts then
      return { retry = false }
    end
    if err.retry_after_ms then
      return { retry = true, after_ms = err.retry_after_ms }
    end
    if ctx.backoff then
      return { retry = true, after_ms = callers_wait(attempt, ctx.backoff) }
    end
    -- Full jitter: commands that failed together do not come back together.
    return { retry = true, after_ms = host.backoff.full_jitter(attempt, BASE_MS, CEILING_MS) }
  end,
}
