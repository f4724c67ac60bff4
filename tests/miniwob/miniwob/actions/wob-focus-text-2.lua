-- MiniWoB++ focus-text-2: the focus into one of several fields.

local words = require("lib.words")

return require("lib.policy")("Click the field that is meant", function(screen, utterance)
  screen:click({ tag = "input" }, words.ordinal(string.match(utterance, "the (%w+) input")))
end)
