-- A date picker that opens from a field: one month, a link for each day, links to the months around.

-- Chooses month/day/year. The field tells what was chosen, so the first choice says which month is shown.
return function(screen, month, day)
  local function choose(number)
    screen:click(screen:await({ tag = "a", text = tostring(number) }))
    return tonumber(string.match(screen:look():get({ type = "text" }).value, "^(%d+)/"))
  end
  screen:click({ type = "text" })
  local shown = choose(day > 28 and 28 or day)
  if shown == month and day <= 28 then
    return
  end
  screen:click({ type = "text" })
  for _ = 1, math.abs(shown - month) do
    screen:click(screen:await(shown > month and "Prev" or "Next"))
  end
  choose(day)
end
