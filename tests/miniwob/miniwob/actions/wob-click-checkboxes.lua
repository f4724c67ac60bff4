-- MiniWoB++ click-checkboxes: tick boxes or radio buttons by their labels.

return require("lib.policy")("Tick the boxes that are named and submit", require("lib.tick"))
