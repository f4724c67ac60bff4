-- MiniWoB++ focus-text: the focus into the only field.

return require("lib.policy")("Click the field", function(screen)
  screen:click({ tag = "input" })
end)
