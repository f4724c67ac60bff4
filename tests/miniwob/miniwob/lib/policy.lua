-- A policy as an action: it is given what MiniWoB asks for, and the page as agents see it.

local screen = require("lib.screen")

-- `play(screen, utterance)` does what is asked for.
return function(description, play)
  return {
    description = description,
    params = {
      type = "object",
      properties = { utterance = { type = "string", description = "What the task asks for" } },
      required = { "utterance" },
    },
    timeout_ms = 60000,
    run = function(ctx, params)
      play(screen.of(ctx), params.utterance)
      return {}
    end,
  }
end
