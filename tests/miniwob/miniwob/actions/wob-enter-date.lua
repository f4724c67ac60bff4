-- MiniWoB++ enter-date: a date field takes the digits of month, day and year.

local words = require("lib.words")

return require("lib.policy")("Type the date and submit", function(screen, utterance)
  local date = string.match(utterance, "%d+/%d+/%d+")
  screen:keys({ type = "date" }, words.keys(date))
  screen:click("Submit")
end)
