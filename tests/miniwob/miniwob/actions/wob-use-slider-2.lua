-- MiniWoB++ use-slider-2: three sliders from 0 on.

local slide = require("lib.slide")

return require("lib.policy")("Set the sliders and submit", function(screen, utterance)
  local nth = 0
  for value in string.gmatch(utterance, "%d+") do
    nth = nth + 1
    slide(screen, screen:get({ tag = "span" }, nth), tonumber(value))
  end
  screen:click("Submit")
end)
