-- Scrolling as a movement.
return {
  {
    name = "down by 500 when nothing else is said, on many ways",
    page = "long.html",
    setup = "steps = new Set(); addEventListener('scroll', () => steps.add(scrollY))",
    params = { direction = "down" },
    data = { moved = true, moved_y = 500, scroll_y = 500, direction = "down" },
    state = { scrollY = 500, ["steps.size > 3"] = true },
    takes_ms = 900,
  },
  {
    name = "up and to the side",
    page = "long.html",
    before = { { action = "animate_scroll", params = { direction = "right", amount = 300, duration = 0.2 } } },
    params = { direction = "left", amount = 100, duration = 0.1 },
    data = { moved = true, scroll_x = 200 },
    state = { scrollX = 200 },
  },
  {
    name = "a list inside the page",
    page = "long.html",
    params = { direction = "down", amount = 200, selector = "#first", duration = 0.1 },
    data = { moved = true, moved_y = 200 },
    state = { ["document.getElementById('list').scrollTop"] = 200 },
  },
  { name = "says when the end is reached", page = "long.html", params = { direction = "up", duration = 0 }, data = { moved = false, scroll_y = 0 } },
  { name = "a direction that is none", page = "long.html", params = { direction = "sideways" }, fails = "invalid_params", says = "direction" },
  { name = "not for ever", page = "long.html", params = { direction = "up", duration = 31 }, fails = "invalid_params", says = "duration" },
}
