-- MiniWoB++ scroll-text-2: a long text to its beginning or end.

return require("lib.policy")("Scroll the text and submit", function(screen, utterance)
  local direction = string.find(utterance, "bottom", 1, true) and "down" or "up"
  screen:act("scroll", screen:get({ tag = "textarea" }), { direction = direction, amount = 5000 })
  screen:click("Submit")
end)
