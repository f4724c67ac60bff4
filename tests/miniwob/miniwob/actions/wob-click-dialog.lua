-- MiniWoB++ click-dialog: a dialog's own button.

return require("lib.policy")("Close the dialog", function(screen)
  screen:click("Close")
end)
