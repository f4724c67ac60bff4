-- MiniWoB++ click-test: the only button.

return require("lib.policy")("Click the only button", function(screen)
  screen:click({ tag = "button" })
end)
