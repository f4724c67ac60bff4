-- MiniWoB++ grid-coordinate: a point of a grid from -2 to 2, by where it lies.

return require("lib.policy")("Click the point of the grid", function(screen, utterance)
  screen:click({ tag = "circle", id = string.match(utterance, "%(.-%)") })
end)
