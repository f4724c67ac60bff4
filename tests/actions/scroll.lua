-- Scrolling.
return {
  {
    name = "down by 500 when nothing else is said",
    page = "long.html",
    params = { direction = "down" },
    data = { moved = true, scroll_y = 500, direction = "down" },
    state = { scrollY = 500, ["wheels > 0"] = true },
  },
  {
    name = "back up",
    page = "long.html",
    before = { { action = "scroll", params = { direction = "down", amount = 700 } } },
    params = { direction = "up", amount = 300 },
    data = { moved = true, scroll_y = 400 },
    state = { scrollY = 400 },
  },
  {
    name = "to the side",
    page = "long.html",
    params = { direction = "right", amount = 250 },
    data = { moved = true, scroll_x = 250 },
    state = { scrollX = 250 },
  },
  { name = "says when the end is reached", page = "long.html", params = { direction = "up" }, data = { moved = false, scroll_y = 0 } },
  {
    name = "a list inside the page",
    page = "long.html",
    params = { direction = "down", amount = 200, selector = "#first" },
    data = { moved = true },
    state = { ["document.getElementById('list').scrollTop"] = 200 },
  },
  { name = "a direction that is none", page = "long.html", params = { direction = "sideways" }, fails = "invalid_params", says = "direction" },
}
