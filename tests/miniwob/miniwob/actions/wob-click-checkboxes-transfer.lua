-- MiniWoB++ click-checkboxes-transfer: tick boxes or radio buttons by their labels.

return require("lib.policy")("Tick the boxes that are named and submit", require("lib.tick"))
