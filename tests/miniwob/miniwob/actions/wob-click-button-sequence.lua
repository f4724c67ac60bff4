-- MiniWoB++ click-button-sequence: two buttons in order.

return require("lib.policy")("Click the buttons in the order of the sentence", function(screen, utterance)
  for name in string.gmatch(utterance, "button (%u+)") do
    screen:click({ tag = "button", text = name })
  end
end)
