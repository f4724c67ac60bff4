-- MiniWoB++ click-dialog-2: one of a dialog's buttons.

local words = require("lib.words")

return require("lib.policy")("Click the dialog's button that is named", function(screen, utterance)
  local name = words.quoted(utterance)
  screen:click({ tag = "button", text = name == "x" and "Close" or name })
end)
