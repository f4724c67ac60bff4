-- Moving the mouse over things.
return {
  { name = "an element", page = "buttons.html", params = { index = 0 }, data = { index = 0 }, state = { ["hovers[0]"] = "add" } },
  {
    name = "a point",
    page = "buttons.html",
    params = { coordinate_x = 450, coordinate_y = 30 },
    data = { x = 450, y = 30 },
    state = { ["hovers.includes('next')"] = true },
  },
  { name = "nothing", page = "buttons.html", params = {}, fails = "invalid_params" },
}
