-- MiniWoB++ copy-paste: a text from one field into another.

return require("lib.policy")("Copy the text and submit", function(screen)
  screen:type({ tag = "input" }, screen:text({ tag = "textarea" }))
  screen:click("Submit")
end)
