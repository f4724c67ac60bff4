-- MiniWoB++ form-sequence-2: a radio button and a field by their places.

local words = require("lib.words")

return require("lib.policy")("Choose the radio button, fill the field, submit", function(screen, utterance)
  screen:click({ type = "radio" }, words.ordinal(string.match(utterance, "the (%w+) radio")))
  local nth = words.ordinal(string.match(utterance, "the (%w+) textbox"))
  screen:type({ type = "text" }, words.quoted(utterance), nth)
  screen:click("Submit")
end)
