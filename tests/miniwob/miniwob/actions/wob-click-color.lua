-- MiniWoB++ click-color: a box by its colour, which its style tells.

return require("lib.policy")("Click the box of the colour that is named", function(screen, utterance)
  local colour = string.match(utterance, "on the (%w+) colored")
  for _, box in ipairs(screen:all({ class = "color" })) do
    if string.find(screen:attribute(box, "style"), "background-color: " .. colour .. ";", 1, true) then
      return screen:click(box)
    end
  end
  host.fail("element_not_found", "there is no " .. colour .. " box")
end)
