-- {name}: stands around other actions.
--
-- `next(params)` runs the action, or the next middleware around it; what it returns is the answer. A middleware may look
-- at parameters and answer, change them, answer itself without `next`, or fail with host.fail(code, sentence).

return {
  description = "Note how long clicks take",

  -- Names of actions, or { "*" } for all.
  wraps = { "click" },

  run = function(ctx, params, next)
    local began = ctx.now()
    local answer = next(params)
    ctx.log.info("a click has ended", { took_ms = ctx.now() - began })
    return answer
  end,
}
