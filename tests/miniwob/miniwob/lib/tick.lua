-- Tick boxes by their labels.

local words = require("lib.words")

-- Ticks what stands between "Select" and "and click Submit", then submits.
return function(screen, utterance)
  local names = string.match(utterance, "^Select (.*) and click Submit%.$")
  if names ~= "nothing" then
    for _, name in ipairs(words.list(names)) do
      screen:click({ tag = "input", text = name })
    end
  end
  screen:click("Submit")
end
