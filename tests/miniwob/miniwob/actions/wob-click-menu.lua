-- MiniWoB++ click-menu: an item of a menu whose parts open under the mouse.

return require("lib.policy")("Follow the path through the menu", function(screen, utterance)
  local path = string.match(utterance, "^Select (.*)$")
  local item
  for name in string.gmatch(path, "[^>]+") do
    if item ~= nil then
      screen:hover(item)
    end
    item = screen:await({ role = "menuitem", text = name })
  end
  screen:click(item)
end)
