-- Runs several actions one after another, as one command.

local answer = require("lib.answer")

return {
  description = "Run several actions in order as one command; stops at the first that fails. Answers one outcome each",
  params = {
    type = "object",
    properties = {
      actions = {
        type = "array",
        minItems = 1,
        maxItems = 100,
        description = "The actions, first to last",
        items = {
          type = "object",
          properties = {
            action_type = { type = "string", minLength = 1, description = "The action's name" },
            params = { type = "object", description = "Its parameters" },
          },
          required = { "action_type" },
          additionalProperties = false,
        },
      },
    },
    required = { "actions" },
  },
  timeout_ms = 300000,

  run = function(ctx, params)
    local outcomes = {}
    for at, action in ipairs(params.actions) do
      if action.action_type == "batch" then
        host.fail("invalid_params", "a batch cannot hold another batch; put its actions into one list")
      end
      local started = ctx.now()
      local ok, result = pcall(ctx.run, action.action_type, action.params)
      local outcome = { action_type = action.action_type, success = ok, duration_ms = ctx.now() - started }
      if ok then
        outcome.data = result
      else
        outcome.error_type, outcome.error = answer.failure(result)
      end
      outcomes[at] = outcome
      if not ok then
        host.fail(
          outcome.error_type,
          "action " .. at .. " of " .. #params.actions .. " (" .. action.action_type .. ") failed: " .. outcome.error
            .. "; those before it stay done, those after it did not run",
          -- Trying it all again would do twice what is done.
          { outcomes = host.json.array(outcomes), completed = at - 1, retryable = false }
        )
      end
    end
    return { outcomes = host.json.array(outcomes), completed = #outcomes }
  end,
}
