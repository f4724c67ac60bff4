-- MiniWoB++ navigate-tree: a name in a tree whose folders open by a click.

local words = require("lib.words")

return require("lib.policy")("Open folders until the name shows, and click it", function(screen, utterance)
  local name = words.quoted(utterance)
  for _ = 1, 10 do
    if screen:find(name) then
      return screen:click(name)
    end
    screen:click({ tag = "div", class = function(class)
      return string.find(class or "", "expandable", 1, true) ~= nil
    end })
    screen:look()
  end
  host.fail("element_not_found", name .. " is in no folder")
end)
