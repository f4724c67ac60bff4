-- How marks over the page look, and for how long they are seen.

local ink = {}

-- Adds colour and duration to an action's own parameters.
function ink.properties(own, color, duration)
  own.color = {
    type = "string",
    minLength = 1,
    maxLength = 40,
    pattern = "^(#[0-9a-fA-F]{3,8}|[a-zA-Z]+)$",
    default = color,
    description = "CSS name, or #rrggbb",
  }
  own.duration = {
    type = "number",
    exclusiveMinimum = 0,
    maximum = 60,
    default = duration,
    description = "Seconds until it is gone again",
  }
  return own
end

function ink.of(params)
  return { color = params.color, ms = params.duration * 1000 }
end

return ink
