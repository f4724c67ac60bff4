-- MiniWoB++ choose-date-nodelay: a date by a date picker.

local choose = require("lib.calendar")

return require("lib.policy")("Choose the date and submit", function(screen, utterance)
  local month, day = string.match(utterance, "(%d+)/(%d+)/%d+")
  choose(screen, tonumber(month), tonumber(day))
  screen:look():click({ tag = "button", text = "Submit" })
end)
