-- MiniWoB++ ascending-numbers: numbers that hide when the first is clicked.

return require("lib.policy")("Click the numbers in ascending order", function(screen)
  local numbers = screen:all({ tag = "text" })
  table.sort(numbers, function(a, b)
    return tonumber(a.text) < tonumber(b.text)
  end)
  screen:click(numbers[1])
  -- Blank squares stand where the numbers were, in the same order.
  for _ = 2, #numbers do
    screen:look():click({ tag = "rect" })
  end
end)
