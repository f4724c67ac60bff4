-- MiniWoB++ enter-text: a text into a field.

local words = require("lib.words")

return require("lib.policy")("Type the quoted text and submit", function(screen, utterance)
  screen:type({ tag = "input" }, words.quoted(utterance))
  screen:click("Submit")
end)
