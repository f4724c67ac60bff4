-- MiniWoB++ form-sequence-3: a styled drop-down list and one of three buttons.

local words = require("lib.words")

return require("lib.policy")("Choose from the list and click the button", function(screen, utterance)
  local text = string.match(utterance, "^Choose (.-) from the dropdown")
  screen:act("select_dropdown", screen:get({ tag = "select" }), { text = text })
  -- The page's own list opens when the native one gets the focus.
  screen:keys({ tag = "input" }, { "Escape" })
  screen:click({ tag = "button", text = words.quoted(utterance) })
end)
