-- MiniWoB++ click-tab: a tab by its title.

return require("lib.policy")("Click the tab that is named", function(screen, utterance)
  screen:click({ tag = "a", text = string.match(utterance, "(Tab #%d)") })
end)
