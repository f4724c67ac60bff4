-- MiniWoB++ scroll-text: the last word of a long text.

return require("lib.policy")("Type the text's last word and submit", function(screen)
  local text = screen:text({ tag = "textarea" })
  screen:type({ tag = "input" }, string.match(text, "(%w+)%W*$"))
  screen:click("Submit")
end)
