-- MiniWoB++ use-spinner: a number by its two small arrows.

return require("lib.policy")("Click an arrow as often as needed and submit", function(screen, utterance)
  local value = tonumber(string.match(utterance, "Select (%-?%d+) with"))
  for _ = 1, math.abs(value) do
    screen:click({ tag = "a" }, value > 0 and 1 or 2)
  end
  screen:click("Submit")
end)
