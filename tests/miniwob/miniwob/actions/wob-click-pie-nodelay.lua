-- MiniWoB++ click-pie-nodelay: a menu that unfolds around its middle.

local words = require("lib.words")

return require("lib.policy")("Unfold the menu and click the item", function(screen, utterance)
  screen:click({ tag = "text", text = "+" })
  -- While the menu still unfolds it may miss a click; when the task has ended, its cover says START.
  for _ = 1, 3 do
    screen:look():click({ tag = "text", text = words.quoted(utterance) })
    if screen:look():find("START") then
      return
    end
  end
end)
