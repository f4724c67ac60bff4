-- MiniWoB++ copy-paste-2: a text from one of several fields into another.

local words = require("lib.words")

return require("lib.policy")("Copy the text that is meant and submit", function(screen, utterance)
  local nth = words.ordinal(string.match(utterance, "the (%w+) text area"))
  screen:type({ tag = "input" }, screen:text({ tag = "textarea" }, nth))
  screen:click("Submit")
end)
