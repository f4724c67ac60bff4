-- MiniWoB++ click-test-transfer: one of two buttons.

return require("lib.policy")("Click the button that is named", function(screen, utterance)
  screen:click({ tag = "button", text = string.match(utterance, "button (%u+)") })
end)
