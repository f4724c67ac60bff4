-- A slider by the keyboard.

-- From the lowest value, so many steps up.
return function(screen, handle, steps)
  local keys = { "Home" }
  for _ = 1, steps do
    table.insert(keys, "ArrowRight")
  end
  screen:keys(handle, keys)
end
