-- MiniWoB++ choose-list: an option of a drop-down list.

return require("lib.policy")("Choose the option that is named and submit", function(screen, utterance)
  local text = string.match(utterance, "^Select (.*) from the list and click Submit%.$")
  screen:act("select_dropdown", screen:get({ tag = "select" }), { text = text })
  screen:click("Submit")
end)
