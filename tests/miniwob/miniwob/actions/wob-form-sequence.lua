-- MiniWoB++ form-sequence: a slider from -10 to 10, and a tick box.

local slide = require("lib.slide")
local words = require("lib.words")

return require("lib.policy")("Set the slider, tick the box, submit", function(screen, utterance)
  local value = tonumber(string.match(utterance, "Select (%-?%d+) with"))
  slide(screen, screen:get({ tag = "span" }), value - -10)
  screen:click({ type = "checkbox" }, words.ordinal(string.match(utterance, "the (%w+) checkbox")))
  screen:click("Submit")
end)
