-- MiniWoB++ enter-time: a time field takes the digits of hour and minute, and A or P.

local words = require("lib.words")

return require("lib.policy")("Type the time and submit", function(screen, utterance)
  local hour, minute, half = string.match(utterance, "(%d+):(%d+)%s*(%a)M")
  screen:keys({ type = "time" }, words.keys(string.format("%02d%02d%s", hour, minute, half)))
  screen:click("Submit")
end)
