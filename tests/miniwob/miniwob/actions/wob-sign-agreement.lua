-- MiniWoB++ sign-agreement: what can be signed only after it has been read to its end.

local words = require("lib.words")

return require("lib.policy")("Scroll to the end, sign, and press the button", function(screen, utterance)
  local name = words.quoted(utterance, 1)
  if name ~= nil then
    screen:act("scroll", screen:get({ tag = "textarea" }), { direction = "down", amount = 10000 })
    screen:look()
    screen:type({ tag = "input" }, name)
  end
  screen:click(words.quoted(utterance, 2) or "Cancel")
end)
