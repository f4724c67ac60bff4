-- MiniWoB++ click-button: a button by its text.

local words = require("lib.words")

return require("lib.policy")("Click the button with the quoted text", function(screen, utterance)
  screen:click({ tag = "button", text = words.quoted(utterance) })
end)
