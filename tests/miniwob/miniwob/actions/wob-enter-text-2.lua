-- MiniWoB++ enter-text-2: a text in upper or lower case.

local words = require("lib.words")

return require("lib.policy")("Type the quoted text in the wanted case and submit", function(screen, utterance)
  local change = string.find(utterance, "upper case", 1, true) and string.upper or string.lower
  screen:type({ tag = "input" }, change(words.quoted(utterance)))
  screen:click("Submit")
end)
